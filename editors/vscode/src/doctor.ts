/** `foretype doctor`, its findings in the log and its verdict in one line. */

import { type LogOutputChannel, window } from "vscode";
import { run } from "./cli";

export async function runDoctor(folder: string, log: LogOutputChannel): Promise<void> {
  const working = window.setStatusBarMessage("$(loading~spin) Foretype's doctor looks things over");
  try {
    const outcome = await run(folder, ["doctor"], { line: (line) => log.warn(line) });
    outcome.output
      .trimEnd()
      .split("\n")
      .forEach((line) => log.info(line));
  } finally {
    working.dispose();
  }
  log.show(true);
}
