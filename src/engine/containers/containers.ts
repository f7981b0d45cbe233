import type { Readable } from 'node:stream';
import { parseJson } from '../../data/index.ts';
import { SwitchboardError } from '../../errors.ts';
import type { EngineApi } from '../api/api.ts';
import { engineReason, engineStatus, unlessMissing, unlessStatus } from '../api/engine-error.ts';
import { numberOf, recordOf, recordsOf, textOf, textsOf } from '../api/fields.ts';
import type { EngineFacts } from '../facts.ts';
import { readTar } from '../read-tar.ts';
import type { TarFile } from '../tar.ts';
import { checkBindSources } from './bind-sources.ts';
import { createBody } from './create-body.ts';
import { type ExecOptions, type ExecResult, execInContainer, inspectExec } from './exec.ts';
import { ExitWatches } from './exit-watches.ts';
import { type LogLine, logLines, outputFrames } from './frames.ts';
import { nanosOf } from './log-time.ts';
import type { ContainerSpec } from './spec.ts';
import { type Container, containerFrom, type ListedContainer, listedFrom } from './state.ts';
import { withoutValues } from './without-values.ts';

export interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

export interface CreatedContainer {
  readonly id: string;
  /** What the engine could not honour, such as limits under a rootless engine. */
  readonly warnings: readonly string[];
}

export interface StartedContainer {
  /** The exit code, once the container has ended. Rejects if the engine is gone before. */
  readonly exit: Promise<number>;
}

export interface LogOptions extends Waiting {
  /** Goes on until the container ends. */
  readonly follow?: boolean;
  /** By the engine's clock: RFC 3339, as in `LogLine.time`. Lines of that time itself are included; Podman counts seconds. */
  readonly since?: string;
  /** The last lines only. */
  readonly tail?: number;
}

const DEFAULT_MAX_ARCHIVE_BYTES = 1024 * 1024;

/** Containers of an engine. Ids and names are accepted alike. */
export class Containers {
  readonly #api: EngineApi;
  readonly #facts: EngineFacts;
  readonly #watches = new ExitWatches();

  constructor(api: EngineApi, facts: EngineFacts) {
    this.#api = api;
    this.#facts = facts;
  }

  /** @throws SWB_ENGINE; see `isNameTaken` */
  async create(spec: ContainerSpec, { signal }: Waiting = {}): Promise<CreatedContainer> {
    const { name, platform } = spec;
    const doing = `create container ${name}`;
    const request = { method: 'POST', path: '/containers/create', query: { name, platform }, signal, doing } as const;
    if (this.#facts.name === 'podman' && this.#api.endpoint.kind === 'socket') await checkBindSources(spec);
    try {
      const answer = recordOf(await this.#api.json({ ...request, body: createBody(spec, this.#facts.name) }));
      return { id: textOf(answer.Id), warnings: textsOf(answer.Warnings) };
    } catch (error) {
      throw withoutValues(error, doing, Object.values(spec.env ?? {}));
    }
  }

  /**
   * Starts a container that was created and watches its end. The exit is asked for before the start, so that no end is missed,
   * however short the container runs.
   *
   * @param signal aborts the start and the watch, not the container
   */
  async start(id: string, { signal }: Waiting = {}): Promise<StartedContainer> {
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const doing = `wait for container ${id}`;
    // Resolves at the headers, which the engine sends once it watches.
    const waiting = await this.#api.stream({
      method: 'POST',
      path: `/containers/${id}/wait`,
      query: { condition: 'next-exit' },
      signal: either,
      doing,
    });
    try {
      await this.#act('POST', id, '/start', { doing: `start container ${id}`, signal });
    } catch (error) {
      stop.abort();
      throw error;
    }
    const exit = this.#exitCode(waiting, doing, signal);
    this.#watches.add(id, stop);
    // The caller may look at it later, or never.
    exit.catch(() => {}).then(() => this.#watches.delete(id, stop));
    return { exit };
  }

  /** The exit code of a container that runs or has ended. Answers at once for one that was never started. */
  async wait(id: string, { signal }: Waiting = {}): Promise<number> {
    const doing = `wait for container ${id}`;
    const path = `/containers/${id}/wait`;
    const query = { condition: 'not-running' };
    return this.#exitCode(await this.#api.stream({ method: 'POST', path, query, signal, doing }), doing, signal);
  }

  /** Sends the stop signal and, after the grace period, SIGKILL. No error if it has ended. Resolves when it has. */
  async stop(id: string, { graceSeconds, signal }: Waiting & { readonly graceSeconds: number }): Promise<void> {
    const query = { t: graceSeconds };
    await this.#act('POST', id, '/stop', { query, signal, doing: `stop container ${id}` });
  }

  /** No error if it does not run. */
  async kill(
    id: string,
    { killSignal = 'SIGKILL', signal }: Waiting & { readonly killSignal?: string } = {},
  ): Promise<void> {
    const work = this.#act('POST', id, '/kill', {
      query: { signal: killSignal },
      signal,
      doing: `send ${killSignal} to container ${id}`,
    });
    try {
      await unlessStatus(work, 404, 409);
    } catch (error) {
      // What Podman before 5.0 answers in place of 409, with status 500.
      if (!engineReason(error).includes('can only kill running containers')) throw error;
    }
  }

  /** @returns undefined if there is none */
  async inspect(id: string, { signal }: Waiting = {}): Promise<Container | undefined> {
    const work = this.#api.json({
      method: 'GET',
      path: `/containers/${id}/json`,
      signal,
      doing: `inspect container ${id}`,
    });
    const answer = await unlessMissing(work);
    return answer === undefined ? undefined : containerFrom(answer);
  }

  /** Removes it, running or not, with its anonymous volumes. No error if it is gone, or another removal is under way. */
  async remove(id: string, { signal }: Waiting = {}): Promise<void> {
    const work = this.#act('DELETE', id, '', {
      query: { force: true, v: true },
      signal,
      doing: `remove container ${id}`,
    });
    try {
      await unlessMissing(work);
    } catch (error) {
      if (engineStatus(error) !== 409 || !engineReason(error).includes('already in progress')) throw error;
    }
    this.#watches.end(id);
  }

  /** Containers that have all these labels, running or not. */
  async list(labels: Readonly<Record<string, string>>, { signal }: Waiting = {}): Promise<readonly ListedContainer[]> {
    const query = { all: true, filters: labelFilter(labels) };
    const answer = await this.#api.json({
      method: 'GET',
      path: '/containers/json',
      query,
      signal,
      doing: 'list containers',
    });
    return recordsOf(answer)
      .map(listedFrom)
      .filter(({ labels: own }) => hasLabels(own, labels));
  }

  /** The log of a container, line by line. A reader that stops does not stop the container. */
  async *logs(id: string, options: LogOptions = {}): AsyncGenerator<LogLine> {
    const { follow = false, since, tail, signal } = options;
    const sinceNanos = since === undefined ? 0n : nanosOf(since);
    const stream = await this.#api.stream({
      method: 'GET',
      path: `/containers/${id}/logs`,
      query: {
        stdout: true,
        stderr: true,
        timestamps: true,
        follow,
        since: since === undefined ? undefined : String(sinceNanos / 1_000_000_000n),
        tail,
      },
      signal,
      doing: `read the log of container ${id}`,
    });
    try {
      for await (const line of logLines(outputFrames(stream))) {
        // By the second at the engine, since Podman reads no fractions; exactly here.
        if (line.time === '' || nanosOf(line.time) >= sinceNanos) yield line;
      }
      signal?.throwIfAborted();
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stream.destroy();
    }
  }

  /** Runs a command in a running container. */
  exec(id: string, options: ExecOptions): Promise<ExecResult> {
    return execInContainer(this.#api, id, options);
  }

  /** Whether a command that reached its time limit still runs. */
  async isExecRunning(execId: string, { signal }: Waiting = {}): Promise<boolean> {
    const found = await unlessMissing(inspectExec(this.#api, execId, signal));
    return found?.running ?? false;
  }

  /** Extracts a tar archive into a folder of a container, running or not. Refused (403) on a read-only root. */
  async putArchive(id: string, path: string, archive: Buffer | Readable, { signal }: Waiting = {}): Promise<void> {
    const doing = `write files below ${path} in container ${id}`;
    await this.#act('PUT', id, '/archive', { query: { path, noOverwriteDirNonDir: true }, archive, signal, doing });
  }

  /** Reads a file or folder of a container. @returns undefined if there is none */
  async getArchive(
    id: string,
    path: string,
    { maxBytes = DEFAULT_MAX_ARCHIVE_BYTES, signal }: Waiting & { readonly maxBytes?: number } = {},
  ): Promise<readonly TarFile[] | undefined> {
    const doing = `read ${path} in container ${id}`;
    const request = { method: 'GET', path: `/containers/${id}/archive`, query: { path }, signal, doing } as const;
    const stream = await unlessMissing(this.#api.stream(request));
    if (stream === undefined) return undefined;
    try {
      return await readTar(stream, maxBytes);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      stream.destroy();
    }
  }

  async #act(
    method: 'POST' | 'PUT' | 'DELETE',
    id: string,
    action: string,
    options: {
      readonly query?: Readonly<Record<string, string | number | boolean>>;
      readonly archive?: Buffer | Readable;
      readonly signal: AbortSignal | undefined;
      readonly doing: string;
    },
  ): Promise<void> {
    await this.#api.json({ method, path: `/containers/${id}${action}`, ...options });
  }

  async #exitCode(stream: Readable, doing: string, signal: AbortSignal | undefined): Promise<number> {
    let text = '';
    try {
      for await (const chunk of stream) text += String(chunk);
    } catch (error) {
      signal?.throwIfAborted();
      throw new SwitchboardError('SWB_ENGINE', `cannot ${doing}: the connection to the container engine broke`, {
        cause: error,
        details: { gone: true },
      });
    }
    const answer = exitAnswer(text);
    if (answer === undefined) {
      throw new SwitchboardError('SWB_ENGINE', `cannot ${doing}: the connection to the container engine ended`, {
        details: { gone: true },
      });
    }
    return answer;
  }
}

/** Whether a container could not be created since its name is taken. */
export function isNameTaken(error: unknown): boolean {
  return /name .*already in use/i.test(engineReason(error)) && engineStatus(error) !== undefined;
}

export function labelFilter(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify({ label: Object.entries(labels).map(([name, value]) => `${name}=${value}`) });
}

/** Podman before 5.0 combines filters by OR. */
export function hasLabels(own: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => own[name] === value);
}

function exitAnswer(text: string): number | undefined {
  const value = recordOf(parseJson(text));
  return 'StatusCode' in value ? numberOf(value.StatusCode) : undefined;
}
