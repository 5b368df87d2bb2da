/** `GET /api/me`: the rights of the caller's token. Programs ask it first, and offer no more than that. */
import { route } from "../route.ts";

const showCaller = route(
  {
    method: "GET",
    path: "/api/me",
    operation: "getMe",
    access: "read",
  },
  ({ caller: { token, sees } }) => ({ token, sees }),
);

export const meRoutes = [showCaller];
