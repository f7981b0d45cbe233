import type { Service } from '../kube/index.ts';
import type { Frontend, ProxiedRoute, RouteKey } from './route.ts';

/** A claim of one route on one frontend; the oldest Service wins, then the name. */
interface Claim {
  readonly service: string;
  readonly since: string;
}

/**
 * Resolves frontends (a nodePort, an external or load-balancer IP) that two Services claim. The winner depends on the
 * Services alone, not on the order in which they were read; the loser lists the frontend as contested. In kube-proxy, the
 * last writer wins.
 */
export class FrontendClaims {
  readonly #claims = new Map<string, Map<RouteKey, Claim>>();

  /** @returns the other Services that claim a frontend of the route, whose claims have to be resolved again */
  add(route: ProxiedRoute, service: Service): string[] {
    const since = service.meta.creationTimestamp ?? '9999';
    const rivals: string[] = [];
    for (const id of claimIds(route)) {
      const claims = this.#claims.get(id) ?? new Map<RouteKey, Claim>();
      for (const claim of claims.values()) rivals.push(claim.service);
      claims.set(route.key, { service: route.service, since });
      this.#claims.set(id, claims);
    }
    return rivals;
  }

  /** @returns the Services that still claim a frontend of the route */
  remove(route: ProxiedRoute): string[] {
    const rivals: string[] = [];
    for (const id of claimIds(route)) {
      const claims = this.#claims.get(id);
      claims?.delete(route.key);
      if (claims === undefined || claims.size === 0) this.#claims.delete(id);
      else for (const claim of claims.values()) rivals.push(claim.service);
    }
    return rivals;
  }

  /** Returns the route with the frontends that it wins; the others are listed as contested. */
  resolve(route: ProxiedRoute): ProxiedRoute {
    const contested: { frontend: Frontend; winner: string }[] = [];
    const frontends = route.frontends.filter(frontend => {
      const id = claimId(route, frontend);
      const winner = id === undefined ? undefined : this.#winner(id);
      if (winner === undefined || winner.key === route.key) return true;
      contested.push({ frontend, winner: winner.service });
      return false;
    });
    return contested.length === 0 ? route : { ...route, frontends, contested };
  }

  #winner(id: string): { key: RouteKey; service: string } | undefined {
    let best: { key: RouteKey; claim: Claim } | undefined;
    for (const [key, claim] of this.#claims.get(id) ?? []) {
      if (best === undefined || before(claim, key, best.claim, best.key)) best = { key, claim };
    }
    return best && { key: best.key, service: best.claim.service };
  }
}

function before(a: Claim, aKey: RouteKey, b: Claim, bKey: RouteKey): boolean {
  if (a.since !== b.since) return a.since < b.since;
  return a.service === b.service ? aKey < bKey : a.service < b.service;
}

function claimIds(route: ProxiedRoute): Set<string> {
  return new Set(route.frontends.flatMap(frontend => claimId(route, frontend) ?? []));
}

/** @returns undefined for an address or port that is not allocated, which conflicts with nothing */
function claimId(route: ProxiedRoute, frontend: Frontend): string | undefined {
  if (frontend.kind === 'nodePort') {
    return frontend.port === undefined ? undefined : `node:${frontend.port}/${route.protocol}/${route.family}`;
  }
  return frontend.address === undefined ? undefined : `${frontend.address}:${frontend.port}/${route.protocol}`;
}
