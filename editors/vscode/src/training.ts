/** Training from the editor: `foretype train`, its progress and its result. */

import {
  type CancellationToken,
  CancellationTokenSource,
  ProgressLocation,
  type Progress,
  Uri,
  window,
  workspace,
} from "vscode";
import { type Outcome, run } from "./cli";
import type { Server } from "./server";
import { settings } from "./settings";

const INTERRUPTED = 130;
const RESUME = "Resume";

/** The part of the report of `foretype train --json` that is told. */
interface Report {
  name: string | null;
  serves: boolean;
  memory: { bytes: number };
  held_out: { before: number | null; after: number | null };
  seconds: number;
}

export class Training {
  private isRunning = false;
  private ending: CancellationTokenSource | undefined;

  constructor(
    private readonly server: Server,
    private readonly folder: string,
    private readonly log: (line: string) => void,
  ) {}

  /** Learn from a folder, by default the workspace's; one training at a time. */
  async start(uri?: Uri): Promise<void> {
    if (this.isRunning) {
      void window.showInformationMessage("Foretype is learning already; wait for its end or cancel it.");
      return;
    }
    const chosen = uri ?? (await folderToLearnFrom());
    if (chosen === undefined) {
      return;
    }
    this.isRunning = true;
    try {
      await this.train(chosen, false);
    } finally {
      this.isRunning = false;
    }
  }

  /** End the training as the user would; it can go on later. */
  cancel(): void {
    this.ending?.cancel();
  }

  private async train(chosen: Uri, resume: boolean): Promise<void> {
    const options = { location: ProgressLocation.Notification, cancellable: true, title: "Foretype learns" };
    const outcome = await window.withProgress(options, (progress, token) => this.run(chosen, resume, progress, token));
    if (outcome.code === INTERRUPTED || outcome.code === null) {
      const answer = await window.showInformationMessage(
        "Foretype: training was cancelled; it can go on later.",
        RESUME,
      );
      return answer === RESUME ? this.train(chosen, true) : undefined;
    }
    if (outcome.code !== 0) {
      void window.showErrorMessage(`Foretype could not learn: ${outcome.lastLine || "see the log"}`);
      return;
    }
    const report = JSON.parse(outcome.output) as Report;
    void window.showInformationMessage(`Foretype: ${sentence(report)}`);
    if (report.serves) {
      await this.server.restartByHand();
    }
  }

  private run(
    chosen: Uri,
    resume: boolean,
    progress: Progress<{ message?: string; increment?: number }>,
    cancellation: CancellationToken,
  ): Promise<Outcome> {
    const limits = resume ? ["--resume"] : ["--minutes", String(settings().trainMinutes)];
    let reached = 0;
    progress.report({ message: "reading files" });
    const line = (text: string): void => {
      this.log(text);
      const step = /^\s*(\d+)%\s+(.*)$/.exec(text);
      const percent = step === null ? reached : Number(step[1]);
      progress.report({ message: step === null ? text : `${percent}% · ${step[2]}`, increment: percent - reached });
      reached = percent;
    };
    const ending = (this.ending = new CancellationTokenSource());
    cancellation.onCancellationRequested(() => ending.cancel());
    return run(this.folder, ["train", chosen.fsPath, ...limits, "--json", "--controlled"], {
      line,
      cancellation: ending.token,
    });
  }
}

async function folderToLearnFrom(): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders?.filter((one) => one.uri.scheme === "file") ?? [];
  if (folders.length > 1) {
    const pick = { placeHolder: "Folder to learn from" };
    return (await window.showWorkspaceFolderPick(pick))?.uri;
  }
  if (folders[0] !== undefined) {
    return folders[0].uri;
  }
  const dialog = { canSelectFiles: false, canSelectFolders: true, openLabel: "Learn from this folder" };
  return (await window.showOpenDialog(dialog))?.[0];
}

function sentence(report: Report): string {
  const { before, after } = report.held_out;
  if (before === null || after === null) {
    return `remembers ${(report.memory.bytes / 1e6).toFixed(1)} MB of text.`;
  }
  const bits = `${before.toFixed(2)} → ${after.toFixed(2)} bits per byte on files it had not seen`;
  return `${report.serves ? "the new model serves" : "the model stays as it was, the new one is no better"}: ${bits}.`;
}
