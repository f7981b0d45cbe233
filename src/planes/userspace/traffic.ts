import type { RouteKey } from '../../routing/index.ts';
import type { RouteTraffic } from '../plane.ts';
import type { Target } from './balancer.ts';

/** The counters of one route; whoever carries its traffic adds to them directly, chunk by chunk. */
export class Counters {
  accepted = 0;
  active = 0;
  refused = 0;
  retried = 0;
  /** From clients. */
  bytesIn = 0;
  /** To clients. */
  bytesOut = 0;

  snapshot(route: RouteKey, targets: Iterable<Target>): RouteTraffic {
    return {
      route,
      accepted: this.accepted,
      active: this.active,
      refused: this.refused,
      retried: this.retried,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      byEndpoint: new Map([...targets].filter(target => target.given > 0).map(target => [target.id, target.given])),
    };
  }
}
