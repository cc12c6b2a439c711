/** The page of statistics, made by `foretype stats --html` and shown beside the code. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ViewColumn, window } from "vscode";
import { run } from "./cli";

export async function showStatistics(folder: string, log: (line: string) => void): Promise<void> {
  const page = join(folder, "statistics.html");
  const outcome = await run(folder, ["stats", "--html", page], { line: log });
  if (outcome.code !== 0) {
    void window.showErrorMessage(`Foretype has no statistics: ${outcome.lastLine || "see the log"}`);
    return;
  }
  // no script runs and nothing is fetched: the page is one file
  const panel = window.createWebviewPanel("foretype.statistics", "Foretype Statistics", ViewColumn.Active);
  panel.webview.html = await readFile(page, "utf8");
}
