import type { Route, RouteChange, RouteKey } from '../routing/index.ts';
import { Backoff, type BackoffOptions } from '../scheduling/index.ts';
import type { RouteOutcome } from './plane.ts';

/**
 * Routes that a plane has made except for some of their listeners: an address was missing, or file descriptors. They are
 * applied again after a delay that doubles until another route becomes incomplete.
 */
export class IncompleteRoutes {
  readonly #routes = new Map<RouteKey, Route>();
  readonly #backoff: Backoff;
  readonly #onDue: (changes: readonly RouteChange[]) => void;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Number.POSITIVE_INFINITY;

  constructor(backoff: BackoffOptions, onDue: (changes: readonly RouteChange[]) => void) {
    this.#backoff = new Backoff(backoff);
    this.#onDue = onDue;
  }

  /** Forgets the routes that an apply is about to change, so that none is applied again as it was before. */
  forget(changes: readonly RouteChange[]): void {
    for (const { route } of changes) this.#routes.delete(route.key);
  }

  /** Records the routes that are incomplete after an apply, and schedules the next attempt. */
  record(outcomes: readonly RouteOutcome[]): void {
    let isNew = false;
    for (const { change, incomplete } of outcomes) {
      if (incomplete !== true) continue;
      this.#routes.set(change.route.key, change.route);
      isNew ||= !appliesAgain(change);
    }
    if (isNew) this.#backoff.reset();
    if (this.#routes.size === 0) this.close();
    else if (isNew || this.#timer === undefined) this.#schedule(this.#backoff.next());
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dueAt = Number.POSITIVE_INFINITY;
  }

  /** Keeps an earlier time: routes that become incomplete all the time must not delay the others. */
  #schedule(ms: number): void {
    const dueAt = performance.now() + ms;
    if (dueAt >= this.#dueAt) return;
    this.close();
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.close();
      this.#onDue([...this.#routes.values()].map(route => ({ type: 'set', route, previous: route })));
    }, ms);
  }
}

/** Whether a change changes nothing of its route: the queue applies the route again, for its listeners. */
export function appliesAgain(change: RouteChange): boolean {
  return change.type === 'set' && change.previous === change.route;
}
