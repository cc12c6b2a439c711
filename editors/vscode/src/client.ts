/** The language client for one run of the server: what it watches, and that it never raises a popup. */

import type { ChildProcess } from "node:child_process";
import { type InlineCompletionItem, type InlineCompletionList, type LogOutputChannel } from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from "vscode-languageclient/node";
import { serverSettings } from "./settings";

type Items = InlineCompletionItem[] | InlineCompletionList | null | undefined;

/** Where people write text; consoles, diffs' other sides and settings are left alone. */
const SCHEMES = ["file", "untitled", "vscode-notebook-cell", "vscode-vfs", "vscode-test-web"];

export interface Watcher {
  isPaused(): boolean;
  /** The server has answered a request for suggestions. */
  answered(): void;
  /** The connection has ended without having been asked to. */
  lost(): void;
}

export class Client extends LanguageClient {
  constructor(start: () => Promise<ChildProcess>, log: LogOutputChannel, watcher: Watcher) {
    super("foretype", "Foretype", start, options(log, watcher));
  }

  /** Log; the library would show some errors while somebody types. */
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  /** Let the server ask for its settings anew. */
  async settingsChanged(): Promise<void> {
    await this.sendNotification("workspace/didChangeConfiguration", { settings: null });
  }
}

function options(log: LogOutputChannel, watcher: Watcher): LanguageClientOptions {
  return {
    documentSelector: SCHEMES.map((scheme) => ({ scheme })),
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => {
        watcher.lost();
        return { action: CloseAction.DoNotRestart, handled: true };
      },
    },
    middleware: {
      provideInlineCompletionItems: async (document, position, context, token, next) => {
        if (watcher.isPaused()) {
          return [];
        }
        const items: Items = await next(document, position, context, token);
        watcher.answered();
        return items;
      },
      workspace: {
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          return Array.isArray(answers)
            ? answers.map((values: Record<string, unknown> | null) => serverSettings(values ?? {}, watcher.isPaused()))
            : answers;
        },
      },
    },
  };
}
