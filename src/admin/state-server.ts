import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { listen } from '../system/index.ts';
import { runtimeFolder } from './runtime-folder.ts';
import { sharedObjects } from './shared-objects.ts';
import type { RunningState } from './state.ts';

/** How long a client may not read. */
const SILENCE_MS = 30_000;

/** How other commands find this instance. */
export interface Instance {
  readonly pid: number;
  /** Default: `runtimeFolder()`. */
  readonly folder?: string;
}

/** Sends the state as JSON to every client of a socket that belongs to the user. */
export class StateServer {
  readonly #server = createServer(socket => this.#answer(socket));
  readonly #state: () => RunningState;
  readonly #failed: (why: string) => void;
  readonly #instance: Instance;
  #path: string | undefined;

  /**
   * @param failed called with the reason why the state is unavailable; `up` keeps serving
   */
  constructor(state: () => RunningState, failed: (why: string) => void, instance: Instance = { pid: process.pid }) {
    this.#instance = instance;
    this.#state = state;
    this.#failed = failed;
    // Windows has no such folder, and pipes there need a name that others cannot take first.
    if (process.platform !== 'win32') this.#open().catch(error => failed(messageOf(error)));
  }

  close(): void {
    this.#server.close();
    if (this.#path !== undefined) rmSync(this.#path, { force: true });
  }

  async #open(): Promise<void> {
    const path = join(this.#instance.folder ?? runtimeFolder(), `up-${this.#instance.pid}.sock`);
    rmSync(path, { force: true });
    this.#path = path;
    this.#server.unref();
    await listen(this.#server, { path }, { onError: error => this.#failed(messageOf(error)) });
  }

  #answer(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    try {
      const state = this.#state();
      socket.end(JSON.stringify({ ...state, objects: sharedObjects(state.objects) }));
    } catch (error) {
      // The client gets no state; the Services keep running.
      this.#failed(messageOf(error));
      socket.destroy();
    }
  }
}
