import type { RouteKey } from '../../routing/index.ts';
import type { RouteTraffic } from '../plane.ts';
import type { PoolEndpoint } from './balancer.ts';

/** The counters of one route. Connections and flows add to them directly, chunk by chunk. */
export class Counters {
  accepted = 0;
  active = 0;
  refused = 0;
  retried = 0;
  /** From clients. */
  bytesIn = 0;
  /** To clients. */
  bytesOut = 0;

  snapshot(route: RouteKey, endpoints: Iterable<PoolEndpoint>): RouteTraffic {
    return {
      route,
      accepted: this.accepted,
      active: this.active,
      refused: this.refused,
      retried: this.retried,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      byEndpoint: new Map(
        [...endpoints].filter(each => each.connectionsTotal > 0).map(each => [each.id, each.connectionsTotal]),
      ),
    };
  }
}
