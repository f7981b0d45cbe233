import type { Pod } from '../kube/index.ts';

export interface LogEntry {
  /** `namespace/name` */
  readonly pod: string;
  readonly container: string;
  /** RFC 3339, milliseconds. */
  readonly time: string;
  readonly text: string;
}

/** Which lines to read. */
export interface LogQuery {
  /** The name of a pod or of its workload. */
  readonly target: string;
  readonly namespace: string | undefined;
  readonly container: string | undefined;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** The lines that are kept for each container: enough for a crash, and bounded for a program that never stops printing. */
const MAX_LINES = 5_000;
const MAX_CONTAINERS = 500;

interface Kept {
  readonly pod: string;
  readonly names: ReadonlySet<string>;
  readonly namespace: string;
  readonly container: string;
  readonly lines: LogEntry[];
}

/** The latest output of every container, also of pods that have ended. */
export class LogStore {
  readonly #kept = new Map<string, Kept>();
  readonly #followers = new Set<(kept: Kept, entry: LogEntry) => void>();

  add(pod: Pod, container: string, text: string): void {
    const key = `${pod.meta.namespace}/${pod.meta.name}/${container}`;
    const kept = this.#kept.get(key) ?? this.#start(key, pod, container);
    const entry = { pod: kept.pod, container, time: new Date().toISOString(), text };
    kept.lines.push(entry);
    if (kept.lines.length > MAX_LINES) kept.lines.splice(0, kept.lines.length - MAX_LINES);
    for (const follower of this.#followers) follower(kept, entry);
  }

  /** The kept lines in the order of their times. */
  read(query: LogQuery): LogEntry[] {
    return [...this.#kept.values()]
      .filter(kept => matches(kept, query))
      .flatMap(kept => kept.lines.filter(line => Date.parse(line.time) >= query.since))
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  }

  /** Whether there is a container that the query names. */
  knows(query: LogQuery): boolean {
    return [...this.#kept.values()].some(kept => matches(kept, query));
  }

  /** Calls back for each new line. @returns a function that ends this */
  follow(query: LogQuery, onLine: (entry: LogEntry) => void): () => void {
    const follower = (kept: Kept, entry: LogEntry): void => {
      if (matches(kept, query)) onLine(entry);
    };
    this.#followers.add(follower);
    return () => this.#followers.delete(follower);
  }

  #start(key: string, { meta }: Pod, container: string): Kept {
    const owner = meta.owners.find(candidate => candidate.controller);
    const kept: Kept = {
      pod: `${meta.namespace}/${meta.name}`,
      names: new Set([meta.name, ...(owner === undefined ? [] : [owner.name])]),
      namespace: meta.namespace,
      container,
      lines: [],
    };
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_CONTAINERS && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }
}

function matches(kept: Kept, { target, namespace, container }: LogQuery): boolean {
  return (
    kept.names.has(target) &&
    (namespace === undefined || kept.namespace === namespace) &&
    (container === undefined || kept.container === container)
  );
}
