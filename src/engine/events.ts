import { setTimeout as delay } from 'node:timers/promises';
import type { Backoff } from '../scheduling/index.ts';
import type { EngineApi } from './api/api.ts';
import { numberOf, recordOf, textMapOf, textOf } from './api/fields.ts';
import { jsonLines } from './api/json-lines.ts';
import { labelFilter } from './containers/containers.ts';

const NANOS = 1_000_000_000n;

/** What the stream of events yields. */
export type EngineNotice =
  /** Listening, for the first time or again. What happened before is not reported: list once more. */
  | { readonly kind: 'listening'; readonly again: boolean }
  | { readonly kind: 'lost'; readonly error: unknown }
  | EngineEvent;

export interface EngineEvent {
  readonly kind: 'event';
  /** `container`, `network`, `volume`, `image`. */
  readonly type: string;
  /** `create`, `start`, `die`, `oom`, `destroy`, `tag` ... */
  readonly action: string;
  readonly id: string;
  readonly name: string;
  /** Of a container's `die`. */
  readonly exitCode: number | undefined;
  /** Labels and what the engine adds to them. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly timeNano: bigint;
}

/**
 * Events of objects that have all these labels, for as long as the caller reads. Reconnects with a growing delay and
 * continues after the last event, without repeating one.
 */
export async function* watchEvents(
  api: EngineApi,
  options: {
    readonly labels: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly backoff: Backoff;
  },
): AsyncGenerator<EngineNotice> {
  const { labels, signal, backoff } = options;
  const seen = new SeenEvents();
  let again = false;
  while (!signal.aborted) {
    const stop = new AbortController();
    try {
      const stream = await api.stream({
        method: 'GET',
        path: '/events',
        query: { filters: labelFilter(labels), since: seen.since },
        signal: AbortSignal.any([signal, stop.signal]),
        doing: 'watch events',
      });
      backoff.reset();
      yield { kind: 'listening', again };
      for await (const line of jsonLines(stream)) {
        const event = eventFrom(line);
        if (event !== undefined && seen.take(event)) yield event;
      }
      if (!signal.aborted) yield { kind: 'lost', error: new Error('the container engine ended the stream of events') };
    } catch (error) {
      if (signal.aborted) return;
      yield { kind: 'lost', error };
    } finally {
      stop.abort();
    }
    again = true;
    await delay(backoff.next(), undefined, { signal }).catch(() => {});
  }
}

/** Reads one line of `/events`. From API 1.52 `status`, `id` and `from` are absent. */
export function eventFrom(line: Readonly<Record<string, unknown>>): EngineEvent | undefined {
  const type = textOf(line.Type);
  const action = textOf(line.Action);
  if (type === '' || action === '') return undefined;
  const actor = recordOf(line.Actor);
  const attributes = textMapOf(actor.Attributes);
  const code = attributes.exitCode ?? attributes.containerExitCode;
  return {
    kind: 'event',
    type,
    action,
    id: textOf(actor.ID),
    name: attributes.name ?? '',
    exitCode: code === undefined || action !== 'die' ? undefined : Number(code),
    attributes,
    // JSON has made it a double, which is exact to 256 ns.
    timeNano: BigInt(numberOf(line.timeNano)) || BigInt(numberOf(line.time)) * NANOS,
  };
}

/** Remembers the events of the last second and asks for half of it again, so that no rounding of times loses an event. */
class SeenEvents {
  readonly #keys = new Map<string, bigint>();
  #last = 0n;

  /** Seconds and nanoseconds, as all engines accept it. */
  get since(): string | undefined {
    if (this.#last === 0n) return undefined;
    const since = this.#last - NANOS / 2n;
    return `${since / NANOS}.${String(since % NANOS).padStart(9, '0')}`;
  }

  /** @returns false for an event that was reported before */
  take(event: EngineEvent): boolean {
    const key = `${event.timeNano} ${event.type} ${event.action} ${event.id}`;
    if (this.#keys.has(key)) return false;
    if (event.timeNano > this.#last) this.#last = event.timeNano;
    this.#keys.set(key, event.timeNano);
    for (const [old, time] of this.#keys) {
      if (time >= this.#last - NANOS) break;
      this.#keys.delete(old);
    }
    return true;
  }
}
