/** `npm run build:dashboard`: all static files. Wrangler runs it before a deploy, as `wrangler.toml` says. */
import { buildDashboard, dashboardFolder } from "./dashboard.ts";
import { writeDocuments } from "./documents.ts";
import { program } from "./program.ts";

program(async () => {
  await buildDashboard(dashboardFolder);
  await writeDocuments(dashboardFolder);
  return 0;
});
