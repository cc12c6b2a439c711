/** The item in the status bar. */

import { type Disposable, MarkdownString, StatusBarAlignment, ThemeColor, window } from "vscode";
import type { Server } from "./server";
import { settings } from "./settings";
import { figures, type State } from "./state";

const ICONS: Record<State["kind"], string> = {
  starting: "$(loading~spin)",
  ready: "$(edit)",
  silent: "$(circle-slash)",
  paused: "$(debug-pause)",
  missing: "$(warning)",
  failed: "$(error)",
};

/** Kinds whose icon tells enough; the others are told in words. */
const WORDLESS: State["kind"][] = ["starting", "ready"];

export class StatusItem implements Disposable {
  private readonly item = window.createStatusBarItem("foretype.status", StatusBarAlignment.Right, 100);
  private readonly subscriptions: { dispose(): unknown }[];
  private state: State = { kind: "starting", text: "starting" };

  constructor(private readonly server: Server) {
    this.item.name = "Foretype";
    this.item.command = "foretype.menu";
    this.subscriptions = [
      server.onState((state) => {
        this.state = state;
        this.show();
      }),
      window.onDidChangeActiveTextEditor(() => this.show()),
    ];
    this.show();
    this.item.show();
  }

  show(): void {
    const { kind, text } = this.here();
    const title = kind === "missing" ? "not found" : text;
    this.item.text = `${ICONS[kind]} Foretype${WORDLESS.includes(kind) ? "" : `: ${kind === "failed" ? "error" : title}`}`;
    this.item.accessibilityInformation = { label: `Foretype: ${text}` };
    this.item.tooltip = this.tooltip(text);
    this.item.backgroundColor = ["missing", "failed"].includes(kind)
      ? new ThemeColor(kind === "failed" ? "statusBarItem.errorBackground" : "statusBarItem.warningBackground")
      : undefined;
  }

  dispose(): void {
    for (const one of this.subscriptions) {
      one.dispose();
    }
    this.item.dispose();
  }

  /** Return the state, with what silences the editor that has the focus. */
  private here(): State {
    if (this.state.kind === "missing" || this.state.kind === "failed") {
      return this.state;
    }
    if (this.server.isPaused) {
      return { kind: "paused", text: "paused" };
    }
    const { enabled, disabledLanguages } = settings();
    if (!enabled) {
      return { kind: "silent", text: "disabled" };
    }
    const document = window.activeTextEditor?.document;
    return document !== undefined && disabledLanguages.includes(document.languageId)
      ? { kind: "silent", text: `disabled for ${document.languageId}` }
      : this.state;
  }

  private tooltip(text: string): MarkdownString {
    const status = this.server.status;
    const done = status === undefined ? "" : `\n\n${figures(status)}\n\nForetype ${status.version}`;
    return new MarkdownString(`**Foretype:** ${text}${done}`);
  }
}
