/** What the status bar tells of the server. */

export type State =
  | { kind: "starting"; text: string }
  | { kind: "ready"; text: string }
  | { kind: "silent"; text: string }
  | { kind: "paused"; text: string }
  | { kind: "missing"; text: string }
  | { kind: "failed"; text: string };

/** The part of the answer to `foretype/status` that is shown. */
export interface Status {
  version: string;
  notice: { busy: boolean; message: string };
  last_silence: string | null;
  last_milliseconds: number | null;
  shown: number;
  accepted: number;
  keys_saved: number;
}

/** Reasons that last while the caret stays near; all others pass with the next key and would flicker. */
const LASTING = ["ignored_path", "too_large", "manual", "in_comment", "in_string"];

/** Return what the server's status means for the one who types; its last silence counts only if it is of here and now. */
export function stateOf(status: Status, isOfNow: boolean): State {
  if (status.notice.busy) {
    return { kind: "starting", text: status.notice.message };
  }
  const reason = status.last_silence;
  return isOfNow && reason !== null && LASTING.includes(reason)
    ? { kind: "silent", text: reason.replaceAll("_", " ") }
    : { kind: "ready", text: "ready" };
}

/** Return what the server has done so far, in one line. */
export function figures(status: Status): string {
  const { shown, accepted, keys_saved: saved, last_silence: reason, last_milliseconds: milliseconds } = status;
  const last = milliseconds === null ? "" : `, last answer after ${milliseconds.toFixed(0)} ms`;
  const silence = reason === null ? "" : ` (silent: ${reason.replaceAll("_", " ")})`;
  return `${shown} shown, ${accepted} accepted, ${saved} keys saved${last}${silence}`;
}
