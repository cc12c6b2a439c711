/** The extension's own settings, and which of all settings are the server's. */

import { ConfigurationTarget, type ExtensionContext, workspace } from "vscode";

const SECTION = "foretype";

/** Settings under `foretype` that the server does not know. */
const OWN = ["command", "interpreter", "connect", "tokenFile", "trainMinutes"];

/** Settings after whose change another process must be started. */
export const STARTING = ["command", "interpreter", "connect", "tokenFile"].map((name) => `${SECTION}.${name}`);

export interface Settings {
  command: string[];
  interpreter: string;
  connect: string;
  tokenFile: string;
  trainMinutes: number;
  enabled: boolean;
  disabledLanguages: string[];
}

export function settings(): Settings {
  const values = workspace.getConfiguration(SECTION);
  const command = values.get<string | string[]>("command", "");
  return {
    command: (typeof command === "string" ? [command] : command).filter((part) => part !== ""),
    interpreter: values.get("interpreter", ""),
    connect: values.get("connect", ""),
    tokenFile: values.get("tokenFile", ""),
    trainMinutes: values.get("trainMinutes", 10),
    enabled: values.get("enabled", true),
    disabledLanguages: values.get("disabledLanguages", []),
  };
}

/** Return what the server is told when it asks for its settings. */
export function serverSettings(values: Record<string, unknown>, paused: boolean): Record<string, unknown> {
  const known = Object.entries(values).filter(([name]) => !OWN.includes(name));
  return { ...Object.fromEntries(known), ...(paused ? { enabled: false } : {}) };
}

export async function toggleLanguage(language: string): Promise<void> {
  const disabled = settings().disabledLanguages;
  const others = disabled.filter((one) => one !== language);
  const changed = others.length < disabled.length ? others : [...disabled, language];
  await workspace.getConfiguration(SECTION).update("disabledLanguages", changed, ConfigurationTarget.Global);
}

/** Start the server with this interpreter from now on, whatever named another program before. */
export async function useInterpreter(path: string): Promise<void> {
  const values = workspace.getConfiguration(SECTION);
  if (settings().command.length > 0) {
    await values.update("command", undefined, ConfigurationTarget.Global);
  }
  await values.update("interpreter", path, ConfigurationTarget.Global);
}

/** Return a folder of the user's own, so that no process starts where a workspace's code could be picked up. */
export function safeFolder(context: ExtensionContext): string {
  return context.globalStorageUri.fsPath;
}
