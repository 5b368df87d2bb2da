/** `npm run build:dashboard`: wrangler runs it before a deploy, as `wrangler.toml` says. */
import { buildDashboard, dashboardFolder } from "./dashboard.ts";
import { program } from "./program.ts";

program(async () => {
  await buildDashboard(dashboardFolder);
  return 0;
});
