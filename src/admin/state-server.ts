import { rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseJson } from '../data/index.ts';
import { messageOf } from '../errors.ts';
import { listen, runtimeFolder } from '../system/index.ts';
import { sharedObjects } from './shared-objects.ts';
import type { RunningState } from './state.ts';

/** How long a client may not read or write. */
const SILENCE_MS = 30_000;
const MAX_REQUEST_BYTES = 64 * 1024;

/** How other commands find this instance. */
export interface Instance {
  readonly pid: number;
  /** Default: `runtimeFolder()`. */
  readonly folder?: string;
}

/** What other commands of the same user may ask: a name and, for some, an argument as JSON. */
export interface Requests {
  readonly state: () => RunningState;
  /** Dials an endpoint from the network of the pods. The argument is not checked yet. */
  readonly probe?: (target: unknown) => Promise<unknown>;
}

/** Answers requests at a socket that belongs to the user: one line in, one JSON value out. */
export class StateServer {
  readonly #server = createServer({ allowHalfOpen: true }, socket => this.#serve(socket));
  readonly #requests: Requests;
  readonly #failed: (why: string) => void;
  readonly #instance: Instance;
  #path: string | undefined;

  /** @param failed called with the reason why a request has no answer; `up` keeps serving */
  constructor(requests: Requests, failed: (why: string) => void, instance: Instance = { pid: process.pid }) {
    this.#instance = instance;
    this.#requests = requests;
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

  #serve(socket: Socket): void {
    let line = '';
    socket.on('error', () => socket.destroy());
    socket.setTimeout(SILENCE_MS, () => socket.destroy());
    socket.setEncoding('utf8').on('data', (text: string) => {
      line += text;
      const end = line.indexOf('\n');
      if (end < 0 && line.length <= MAX_REQUEST_BYTES) return;
      socket.removeAllListeners('data').resume();
      if (end < 0) socket.destroy();
      else void this.#answer(socket, line.slice(0, end));
    });
    socket.on('end', () => socket.destroySoon());
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    try {
      socket.end(JSON.stringify(await this.#ask(line)));
    } catch (error) {
      // The client gets no answer; the Services keep running.
      this.#failed(messageOf(error));
      socket.destroy();
    }
  }

  async #ask(line: string): Promise<unknown> {
    const [, name = '', argument = 'null'] = /^(\w+)(?: (.*))?$/.exec(line) ?? [];
    if (name === 'state') {
      const state = this.#requests.state();
      return { ...state, objects: sharedObjects(state.objects) };
    }
    if (name === 'probe' && this.#requests.probe !== undefined) return this.#requests.probe(parseJson(argument));
    throw new Error('a client asked for something unknown');
  }
}
