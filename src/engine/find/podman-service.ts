import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, SwitchboardError } from '../../errors.ts';
import { untilStarted } from '../../system/index.ts';
import { EngineApi } from '../api/api.ts';
import type { EngineEndpoint } from '../api/endpoint.ts';
import { ping } from './ping.ts';

const START_LIMIT_MS = 20_000;
const POLL_MS = 20;
const MAX_REASON_BYTES = 2000;

/** `podman system service` as a child, where Podman is installed and its socket is not enabled. */
export class PodmanService {
  readonly endpoint: EngineEndpoint;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(endpoint: EngineEndpoint, child: ChildProcess, folder: string) {
    this.endpoint = endpoint;
    this.#child = child;
    this.#folder = folder;
  }

  /** Starts it and waits until it answers. @throws SWB_NO_ENGINE with what Podman printed */
  static async start(
    program: string,
    options: { readonly env: NodeJS.ProcessEnv; readonly signal?: AbortSignal | undefined },
  ): Promise<PodmanService> {
    const { env, signal } = options;
    const folder = await mkdtemp(join(env.XDG_RUNTIME_DIR || tmpdir(), 'switchboard-podman-'));
    const path = join(folder, 'podman.sock');
    // A time of 0: it does not end by itself while nobody asks.
    const words = ['system', 'service', '--time=0', `unix://${path}`];
    const child = await untilStarted(spawn(program, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })).catch(
      async error => {
        await rm(folder, { recursive: true, force: true });
        throw new SwitchboardError('SWB_NO_ENGINE', `podman cannot be started: ${messageOf(error)}`, { cause: error });
      },
    );
    let printed = '';
    child.stderr.on('data', (chunk: Buffer) => {
      printed = (printed + chunk.toString()).slice(-MAX_REASON_BYTES);
    });
    const service = new PodmanService({ kind: 'socket', path }, child, folder);
    try {
      await service.#untilItAnswers(signal);
      return service;
    } catch (error) {
      await service.close();
      signal?.throwIfAborted();
      throw new SwitchboardError(
        'SWB_NO_ENGINE',
        `podman system service does not start: ${printed.trim() || messageOf(error)}`,
        { cause: error },
      );
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Ends the service. Containers go on. */
  async close(): Promise<void> {
    const child = this.#child;
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #untilItAnswers(signal: AbortSignal | undefined): Promise<void> {
    // Aborted when it has answered or ended, so that nobody asks any more.
    const stop = new AbortController();
    const signals = [AbortSignal.timeout(START_LIMIT_MS), stop.signal, ...(signal === undefined ? [] : [signal])];
    const either = AbortSignal.any(signals);
    const ended = once(this.#child, 'exit').then(([code]) => {
      throw new Error(`it exited with ${code}`);
    });
    const answers = async (): Promise<void> => {
      const api = await EngineApi.open(this.endpoint);
      while ((await ping(api, either)).kind === 'silent') await delay(POLL_MS, undefined, { signal: either });
    };
    try {
      await Promise.race([ended, answers()]);
    } finally {
      stop.abort();
    }
  }
}
