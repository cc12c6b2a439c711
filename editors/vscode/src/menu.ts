/** The menu behind the item in the status bar. */

import { commands, type QuickPickItem, window } from "vscode";
import type { Server } from "./server";
import { settings } from "./settings";

interface Entry extends QuickPickItem {
  command: string;
  /** Whether one would rather go on typing than look at something. */
  goesOn?: true;
}

export async function showMenu(server: Server): Promise<void> {
  const chosen = await window.showQuickPick(entries(server), { title: "Foretype", placeHolder: "What to do" });
  if (chosen !== undefined) {
    await commands.executeCommand(chosen.command);
    if (chosen.goesOn) {
      await commands.executeCommand("workbench.action.focusActiveEditorGroup");
    }
  }
}

function entries(server: Server): Entry[] {
  return [
    server.isPaused
      ? { label: "$(debug-start) Resume suggestions", command: "foretype.resume", goesOn: true }
      : {
          label: "$(debug-pause) Pause suggestions",
          description: "in this window",
          command: "foretype.pause",
          goesOn: true,
        },
    ...languageEntry(),
    { label: "$(mortar-board) Train on this folder…", command: "foretype.train" },
    { label: "$(graph) Show statistics", command: "foretype.stats" },
    { label: "$(output) Open log", command: "foretype.showLog" },
    { label: "$(heart) Run doctor", description: "is everything there?", command: "foretype.doctor" },
    { label: "$(settings-gear) Settings", command: "foretype.openSettings" },
    { label: "$(debug-restart) Restart server", command: "foretype.restart" },
    { label: "$(tools) Set up…", description: "where Foretype's Python side is", command: "foretype.setUp" },
  ];
}

function languageEntry(): Entry[] {
  const language = window.activeTextEditor?.document.languageId;
  if (language === undefined) {
    return [];
  }
  const verb = settings().disabledLanguages.includes(language) ? "Enable" : "Disable";
  return [{ label: `$(code) ${verb} for ${language}`, command: "foretype.toggleLanguage", goesOn: true }];
}
