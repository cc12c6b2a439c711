/** The server as a process: started away from the workspace, and surely ended. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Executable } from "./executable";

const FAREWELL_MS = 3_000;

/** Start a process with its three streams piped; reject if it cannot be started at all. */
export async function start(executable: Executable, args: string[], folder: string): Promise<ChildProcess> {
  const child = spawn(executable.path, [...executable.args, ...args], { cwd: folder, stdio: "pipe" });
  await once(child, "spawn");
  return child;
}

/** Wait until a process that was asked to end has ended; end it if it does not. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) {
    return;
  }
  const exit = once(child, "exit");
  const timer = setTimeout(() => child.kill("SIGKILL"), FAREWELL_MS);
  await exit;
  clearTimeout(timer);
}
