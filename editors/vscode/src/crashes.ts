/** How often the server has crashed of late, and how long to wait before it is started again. */

const WINDOW_MS = 60_000;
const MOST = 4;
const FIRST_DELAY_MS = 500;

export class Crashes {
  private times: number[] = [];

  /** Note a crash; return how many milliseconds to wait, or undefined if there were too many within a minute. */
  note(now: number): number | undefined {
    this.times = [...this.times.filter((time) => now - time < WINDOW_MS), now];
    return this.times.length > MOST ? undefined : FIRST_DELAY_MS * 2 ** (this.times.length - 1);
  }

  forget(): void {
    this.times = [];
  }
}
