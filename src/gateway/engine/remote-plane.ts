import { SwitchboardError } from '../../errors.ts';
import type { Link } from '../../link/index.ts';
import { type ApplyReport, failedReport, type Listener, type Plane, type RouteTraffic } from '../../planes/index.ts';
import type { Route, RouteChange, RouteKey } from '../../routing/index.ts';
import { type ApplyCall, isApplyAnswer, isListeners } from '../container/calls.ts';

/** The plane in the gateway container. */
export class RemotePlane implements Plane {
  readonly name = 'gateway';
  readonly #link: () => Link;
  /** What the gateway is to have. */
  readonly #routes = new Map<RouteKey, Route>();

  /** @param link the current one; throws while there is none */
  constructor(link: () => Link) {
    this.#link = link;
  }

  /** Gives another gateway everything that the last one had. Rejects if that fails. */
  async applyAll(): Promise<void> {
    const changes = [...this.#routes.values()].map((route): RouteChange => ({ type: 'set', route }));
    const { failure, outcomes } = await this.apply(changes);
    const why = failure ?? outcomes.find(outcome => outcome.failure !== undefined)?.failure;
    if (why !== undefined) throw new SwitchboardError('SWB_GATEWAY', why);
  }

  async apply(changes: readonly RouteChange[]): Promise<ApplyReport> {
    for (const { type, route } of changes) {
      if (type === 'set') this.#routes.set(route.key, route);
      else this.#routes.delete(route.key);
    }
    try {
      // The gateway has the previous routes itself: they would double what is sent.
      const sent = changes.map(({ type, route }): RouteChange => ({ type, route }));
      const answer = await this.#link().call('apply', { changes: sent } satisfies ApplyCall);
      if (!isApplyAnswer(answer) || answer.outcomes.length !== changes.length) {
        throw new SwitchboardError('SWB_GATEWAY', 'the gateway did not answer with an outcome for each change');
      }
      const { outcomes, failure } = answer;
      return {
        // The report names the changes that the caller made.
        outcomes: changes.map((change, index) => ({ listeners: [], ...outcomes[index], change })),
        ...(failure === undefined ? {} : { failure }),
      };
    } catch (error) {
      return failedReport(changes, error);
    }
  }

  async observe(): Promise<readonly Listener[]> {
    const listeners = await this.#link().call('observe', null);
    return isListeners(listeners) ? listeners : [];
  }

  /** The gateway counts for itself. */
  traffic(): readonly RouteTraffic[] {
    return [];
  }

  /** The gateway ends with its container. */
  async close(): Promise<void> {}
}
