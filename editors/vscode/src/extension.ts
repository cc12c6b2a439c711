/** Foretype in VS Code: what starts with the window, and which command does what. */

import { commands, type ExtensionContext, type Uri, window, workspace } from "vscode";
import { runDoctor } from "./doctor";
import { showMenu } from "./menu";
import { Server } from "./server";
import { safeFolder, STARTING, toggleLanguage } from "./settings";
import { Setup } from "./setup";
import { showStatistics } from "./statistics";
import { StatusItem } from "./statusItem";
import { Training } from "./training";

let server: Server | undefined;
let training: Training | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("Foretype", { log: true });
  const folder = safeFolder(context);
  const running = (server = new Server(folder, log));
  const setup = new Setup(context, folder);
  const item = new StatusItem(running);
  const learning = (training = new Training(running, folder, (line) => log.info(line)));

  const command = (name: string, does: (argument?: Uri) => unknown): void => {
    const told = async (argument?: Uri): Promise<void> => {
      try {
        await does(argument);
      } catch (error) {
        void window.showErrorMessage(`Foretype: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    context.subscriptions.push(commands.registerCommand(`foretype.${name}`, told));
  };
  const pause = async (paused: boolean): Promise<void> => {
    await running.pause(paused);
    await commands.executeCommand("setContext", "foretype.paused", paused);
    item.show();
  };
  command("menu", () => showMenu(running));
  command("pause", () => pause(true));
  command("resume", () => pause(false));
  command("toggleLanguage", toggleActiveLanguage);
  command("train", (uri) => learning.start(uri));
  command("stats", () => showStatistics(folder, (line) => log.info(line)));
  command("showLog", () => log.show());
  command("doctor", () => runDoctor(folder, log));
  command("openSettings", () => openSettings(context));
  command("restart", () => running.restartByHand());
  command("setUp", () => setup.offer("Where is Foretype's Python side?"));
  command("walkthrough", () => openWalkthrough(context));

  context.subscriptions.push(
    log,
    item,
    running.onState((state) => {
      if (state.kind === "missing") {
        void setup.offerOnce(`${state.text}.`);
      } else if (state.kind === "failed") {
        void tellOfFailure();
      } else if (state.kind === "ready") {
        void setup.found();
      }
    }),
    window.onDidChangeActiveTextEditor(() => running.placeChanged()),
    workspace.onDidChangeConfiguration((change) => {
      if (STARTING.some((name) => change.affectsConfiguration(name))) {
        void running.restartByHand();
      } else if (change.affectsConfiguration("foretype")) {
        void running.settingsChanged();
        item.show();
      }
    }),
  );
  void running.restart();
}

export async function deactivate(): Promise<void> {
  training?.cancel();
  await server?.stop();
}

async function toggleActiveLanguage(): Promise<void> {
  const language = window.activeTextEditor?.document.languageId;
  if (language !== undefined) {
    await toggleLanguage(language);
  }
}

async function openSettings(context: ExtensionContext): Promise<void> {
  await commands.executeCommand("workbench.action.openSettings", `@ext:${context.extension.id}`);
}

async function openWalkthrough(context: ExtensionContext): Promise<void> {
  await commands.executeCommand("workbench.action.openWalkthrough", `${context.extension.id}#foretype.start`);
}

async function tellOfFailure(): Promise<void> {
  const restart = "Restart";
  const openLog = "Open Log";
  const answer = await window.showErrorMessage(
    "Foretype's server keeps ending and is not started again.",
    restart,
    openLog,
  );
  if (answer !== undefined) {
    await commands.executeCommand(answer === restart ? "foretype.restart" : "foretype.showLog");
  }
}
