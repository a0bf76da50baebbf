/** Panel Report: make the report and the files that belong to it, and download them. */

import { fill } from "../h";
import type { Panel } from "../panel";
import { reports } from "../reports";

export const panel: Panel = {
  name: "report",
  order: 8,
  title: "report",
  letter: "D",
  permission: "read",
  needs: "assessment",
  mount(root, app, alive) {
    fill(root, reports(app, `/v1/assessments/${app.assessment?.id}/reports`, ["pdf", "docx", "xlsx", "gpkg", "svg"], alive));
  },
};
