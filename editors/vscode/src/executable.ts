/** Foretype's Python side on this machine: where it is, or why it cannot be found. Starts no code of a workspace. */

import { execFile } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import { promisify } from "node:util";
import type { Settings } from "./settings";

export interface Executable {
  path: string;
  /** What stands between the program and Foretype's own arguments. */
  args: string[];
}

export class NotFoundError extends Error {}

const WINDOWS = process.platform === "win32";
const CHECK_MS = 20_000;

/** Return the interpreter of a virtual environment. */
export function interpreterIn(environment: string): string {
  return WINDOWS ? join(environment, "Scripts", "python.exe") : join(environment, "bin", "python");
}

/** Find the Python side: what the settings name, else `foretype` on PATH. */
export async function findExecutable(settings: Settings, folder: string): Promise<Executable> {
  const [program, ...args] = settings.command;
  if (program !== undefined) {
    return { path: await named(program, "foretype.command"), args };
  }
  if (settings.interpreter !== "") {
    return moduleOf(await named(settings.interpreter, "foretype.interpreter"), folder);
  }
  const onPath = await search("foretype");
  if (onPath !== undefined) {
    return { path: onPath, args: [] };
  }
  throw new NotFoundError("Foretype's Python side was not found: there is no `foretype` on PATH");
}

/** Return the first program of that name in PATH's absolute folders: a relative one may lie in a workspace. */
export async function search(name: string): Promise<string | undefined> {
  const program = WINDOWS && !/\.exe$/i.test(name) ? `${name}.exe` : name;
  for (const folder of (process.env["PATH"] ?? "").split(delimiter).filter((one) => isAbsolute(one))) {
    const candidate = join(folder, program);
    if (await isExecutable(candidate)) {
      return candidate;
    }
  }
  return undefined;
}

async function named(program: string, setting: string): Promise<string> {
  const path = program.startsWith("~") ? join(homedir(), program.slice(1)) : program;
  if (WINDOWS && /\.(cmd|bat)$/i.test(path)) {
    // a shell would run it, and take a folder's name in an argument for a command
    throw new NotFoundError(`${setting} names ${program}, a script of a shell; name a .exe`);
  }
  if (isAbsolute(path)) {
    if (await isExecutable(path)) {
      return path;
    }
    throw new NotFoundError(`${setting} names ${program}, which is not a program on this machine`);
  }
  const found = /[/\\]/.test(path) ? undefined : await search(path);
  if (found === undefined) {
    throw new NotFoundError(`${setting} must be an absolute path or a program on PATH, got ${program}`);
  }
  return found;
}

async function moduleOf(interpreter: string, folder: string): Promise<Executable> {
  // -P: without it Python would import from the folder in which it is started
  const check = ["-P", "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('foretype.server') is None)"];
  try {
    await promisify(execFile)(interpreter, check, { cwd: folder, timeout: CHECK_MS });
  } catch {
    throw new NotFoundError(`${interpreter} has no Foretype, or is older than Python 3.11`);
  }
  return { path: interpreter, args: ["-P", "-m", "foretype.server"] };
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
