/** Foretype's command line, run once for an answer; away from the workspace, as the server is. */

import { mkdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import type { CancellationToken } from "vscode";
import { findExecutable } from "./executable";
import { start } from "./serverProcess";
import { settings } from "./settings";

export interface Outcome {
  code: number | null;
  output: string;
  /** The last line of standard error: where something went wrong, it says what. */
  lastLine: string;
}

export interface Listener {
  line(text: string): void;
  /** Of a program that ends with its input. */
  cancellation?: CancellationToken;
}

/** Run `foretype ARGS...` to its end, handing on each line of standard error as it comes. */
export async function run(folder: string, args: string[], listener: Listener): Promise<Outcome> {
  await mkdir(folder, { recursive: true });
  const child = await start(await findExecutable(settings(), folder), args, folder);
  const cancelling = listener.cancellation?.onCancellationRequested(() => {
    child.stdin?.end();
    // at once, if it reads its files still; Windows has no signal that asks
    if (process.platform !== "win32") {
      child.kill("SIGINT");
    }
  });
  if (cancelling === undefined) {
    child.stdin?.end();
  }
  const ending = new Promise<number | null>((resolve) => child.once("close", resolve));
  let lastLine = "";
  if (child.stderr === null || child.stdout === null) {
    throw new Error("a process without streams");
  }
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastLine = line.trim() === "" ? lastLine : line.trim();
    listener.line(line);
  });
  const output = await text(child.stdout);
  const code = await ending;
  cancelling?.dispose();
  return { code, output, lastLine };
}
