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
const MAX_BACKLOG_BYTES = 16 * 1024 * 1024;

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
  /** Starts a Job of a CronJob. @returns the Job's key, or why not. The argument is not checked yet. */
  readonly job?: (cronJob: unknown) => { readonly job: string } | { readonly why: string };
  /** Replaces the pods of a workload. @returns their names, or why not. The argument is not checked yet. */
  readonly restart?: (workload: unknown) => { readonly pods: readonly string[] } | { readonly why: string };
  readonly logs?: Stream;
  /** Runs a command in a pod. */
  readonly exec?: Stream;
}

/** Sends one JSON value a line, until the signal ends it. The argument is not checked yet. */
export type Stream = (query: unknown, send: (value: unknown) => void, signal: AbortSignal) => Promise<void>;

/** The requests that are answered by a stream. */
export type StreamName = 'logs' | 'exec';
const STREAMS: readonly StreamName[] = ['logs', 'exec'];

/** Answers requests at a socket that belongs to the user: one line in, one JSON value out, null to what it does not offer. */
export class StateServer {
  readonly #server = createServer({ allowHalfOpen: true }, socket => this.#serve(socket));
  readonly #requests: Requests;
  readonly #failed: (why: string) => void;
  readonly #instance: Instance;
  readonly #clients = new Set<Socket>();
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
    for (const client of this.#clients) client.destroy();
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
    this.#clients.add(socket);
    socket.once('close', () => this.#clients.delete(socket));
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
    // A client that ends has its answer, or does not want it any more.
    socket.on('end', () => socket.destroySoon());
  }

  async #answer(socket: Socket, line: string): Promise<void> {
    try {
      const stream = STREAMS.find(name => line.startsWith(`${name} `));
      if (stream !== undefined) await this.#stream(socket, this.#requests[stream], line.slice(stream.length + 1));
      else socket.end(JSON.stringify(await this.#ask(line)));
    } catch (error) {
      // The client gets no answer; the Services keep running.
      this.#failed(messageOf(error));
      socket.destroy();
    }
  }

  /** A client that reads too slowly loses the connection, so that its backlog stays bounded. */
  async #stream(socket: Socket, stream: Stream | undefined, argument: string): Promise<void> {
    const closed = new AbortController();
    socket.once('close', () => closed.abort());
    socket.setTimeout(0);
    const send = (value: unknown): void => {
      if (socket.writableLength > MAX_BACKLOG_BYTES) socket.destroy();
      else if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
    };
    await stream?.(parseJson(argument), send, closed.signal);
    socket.end();
  }

  async #ask(line: string): Promise<unknown> {
    const [, name = '', argument = 'null'] = /^(\w+)(?: (.*))?$/.exec(line) ?? [];
    if (name === 'state') {
      const state = this.#requests.state();
      return { ...state, objects: sharedObjects(state.objects) };
    }
    if (name === 'probe' && this.#requests.probe !== undefined) return this.#requests.probe(parseJson(argument));
    if (name === 'job' && this.#requests.job !== undefined) return this.#requests.job(parseJson(argument));
    if (name === 'restart' && this.#requests.restart !== undefined) return this.#requests.restart(parseJson(argument));
    // Such as a Job of an `up` without --run. No failure of this instance: the client reports that there is no answer.
    return null;
  }
}
