/** The one server of this window: started, ended and restarted one after the other, never two at once. */

import type { ChildProcess } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { EventEmitter, type LogOutputChannel } from "vscode";
import { State } from "vscode-languageclient/node";
import { Client } from "./client";
import { Crashes } from "./crashes";
import { findExecutable, NotFoundError } from "./executable";
import { ended, start } from "./serverProcess";
import { type Settings, settings } from "./settings";
import { type State as Shown, stateOf, type Status } from "./state";

const LOOK_MS = 300;

export class Server {
  private readonly changed = new EventEmitter<Shown>();
  readonly onState = this.changed.event;
  status: Status | undefined;
  isPaused = false;
  /** Whether the server's last answer was for the document and under the settings that there are now. */
  private isOfNow = false;

  private client: Client | undefined;
  private process: ChildProcess | undefined;
  private queue: Promise<void> = Promise.resolve();
  private isQueued = false;
  private isOver = false;
  private readonly crashes = new Crashes();
  private restartTimer: NodeJS.Timeout | undefined;
  private lookTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folder: string,
    private readonly log: LogOutputChannel,
  ) {}

  /** Start the server, after ending the one that runs; calls in the meantime make one restart together. */
  restart(): Promise<void> {
    this.giveUpStarting();
    if (!this.isQueued) {
      this.isQueued = true;
      this.queue = this.queue.then(async () => {
        this.isQueued = false;
        await this.end();
        await this.begin();
      });
    }
    return this.queue;
  }

  /** Do as the user says: earlier crashes no longer count. */
  restartByHand(): Promise<void> {
    this.crashes.forget();
    return this.restart();
  }

  /** End the server for good. */
  async stop(): Promise<void> {
    this.isOver = true;
    this.giveUpStarting();
    clearTimeout(this.lookTimer);
    this.queue = this.queue.then(() => this.end());
    await this.queue;
    this.changed.dispose();
  }

  async pause(paused: boolean): Promise<void> {
    this.isPaused = paused;
    await this.settingsChanged();
  }

  async settingsChanged(): Promise<void> {
    if (this.client?.isRunning()) {
      await this.client.settingsChanged();
    }
    this.placeChanged();
  }

  /** Let earlier silences be forgotten: another document is typed into, or there are other settings. */
  placeChanged(): void {
    this.isOfNow = false;
    this.lookSoon();
  }

  /** End a server that has not answered yet: who waits for it in the queue would wait for ever. */
  private giveUpStarting(): void {
    clearTimeout(this.restartTimer);
    if (this.client?.state === State.Starting) {
      this.process?.kill();
    }
  }

  private async begin(): Promise<void> {
    if (this.isOver) {
      return;
    }
    this.tell({ kind: "starting", text: "starting" });
    try {
      await mkdir(this.folder, { recursive: true });
      await this.run(settings());
      this.lookSoon();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.log.error(text);
      if (error instanceof NotFoundError) {
        this.tell({ kind: "missing", text });
      } else {
        this.crashed();
      }
    }
  }

  private async run(settings: Settings): Promise<void> {
    const executable = await findExecutable(settings, this.folder);
    const args = ["serve", ...connection(settings)];
    this.log.info(`starting ${[executable.path, ...executable.args, ...args].join(" ")}`);
    let isStarted = false;
    const launch = async (): Promise<ChildProcess> => {
      this.process = await start(executable, args, this.folder);
      return this.process;
    };
    this.client = new Client(launch, this.log, {
      isPaused: () => this.isPaused,
      answered: () => {
        this.isOfNow = true;
        this.lookSoon();
      },
      lost: () => isStarted && this.crashed(), // before that, starting fails and tells
    });
    await this.client.start();
    isStarted = true;
  }

  private async end(): Promise<void> {
    const { client, process } = this;
    this.client = this.process = this.status = undefined;
    if (client?.isRunning()) {
      await client.stop().catch((error: unknown) => this.log.warn(`the server did not take leave: ${String(error)}`));
    }
    if (process !== undefined) {
      process.stdin?.end(); // a server that never answered ends with its input
      await ended(process);
    }
  }

  private crashed(): void {
    if (this.isOver) {
      return;
    }
    const wait = this.crashes.note(Date.now());
    if (wait === undefined) {
      this.tell({ kind: "failed", text: "the server keeps ending; see the log" });
      return;
    }
    this.log.warn(`the server has ended; it is started again in ${wait} ms`);
    this.tell({ kind: "starting", text: "the server is started again" });
    this.restartTimer = setTimeout(() => void this.restart(), wait);
  }

  /** Ask for the server's status when the typing pauses. */
  private lookSoon(): void {
    clearTimeout(this.lookTimer);
    this.lookTimer = setTimeout(() => void this.look(), LOOK_MS);
  }

  private async look(): Promise<void> {
    const client = this.client;
    if (!client?.isRunning()) {
      return;
    }
    try {
      this.status = await client.sendRequest<Status>("foretype/status");
    } catch (error) {
      this.log.warn(`no status: ${String(error)}`);
      return;
    }
    const state = stateOf(this.status, this.isOfNow);
    this.tell(state);
    if (state.kind === "starting") {
      this.lookSoon();
    }
  }

  private tell(state: Shown): void {
    if (!this.isOver) {
      this.changed.fire(state);
    }
  }
}

function connection(settings: Settings): string[] {
  if (settings.connect === "") {
    return [];
  }
  const token = settings.tokenFile === "" ? [] : ["--token-file", settings.tokenFile];
  return ["--connect", settings.connect, ...token];
}
