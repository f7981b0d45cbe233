/**
 * Chooses the endpoints for each kind of traffic, as `pkg/proxy/topology.go` of Kubernetes 1.34 does.
 *
 * @module
 */
import type { TrafficPolicy } from '../kube/index.ts';
import type { Delivery, ExclusionReason, RouteEndpoint } from './route.ts';

/** The node that routes are compiled for. Without a name (a laptop) every endpoint counts as local. */
export interface NodeContext {
  readonly name?: string;
  readonly zone?: string;
}

/** An endpoint with the hints of its slice, before the choice. */
export interface Candidate extends RouteEndpoint {
  readonly forZones: readonly string[];
  readonly forNodes: readonly string[];
}

export interface TrafficSets {
  readonly internal: Delivery;
  readonly external: Delivery;
  readonly externalFromLocal: Delivery;
  readonly endpoints: readonly RouteEndpoint[];
}

interface Choice {
  readonly used: ReadonlySet<Candidate>;
  readonly why: (candidate: Candidate) => ExclusionReason;
}

export function chooseEndpoints(
  candidates: readonly Candidate[],
  node: NodeContext,
  policies: { readonly internal: TrafficPolicy; readonly external: TrafficPolicy },
): TrafficSets {
  const cluster = clusterSet(candidates, node);
  const local = policies.internal === 'Local' || policies.external === 'Local' ? localSet(candidates) : cluster;
  const internal = policies.internal === 'Local' ? local : cluster;
  const external = policies.external === 'Local' ? local : cluster;

  const published = new Map<Candidate, RouteEndpoint>();
  for (const candidate of candidates) published.set(candidate, publish(candidate, internal, external));
  const anywhere = candidates.some(candidate => candidate.ready || (candidate.serving && candidate.terminating));
  // Kinds of traffic with the same choice share one value, as in nearly every Service, so that planes can share it, too.
  const delivered = new Map<Choice, Delivery>();
  const deliver = (choice: Choice): Delivery => {
    const known = delivered.get(choice);
    if (known !== undefined) return known;
    const endpoints = candidates.filter(c => choice.used.has(c)).flatMap(c => published.get(c) ?? []);
    // The Local policy excludes all endpoints, which are on other nodes: drop, so that a load balancer tries another node.
    const delivery: Delivery =
      endpoints.length > 0 ? { kind: 'endpoints', endpoints } : { kind: anywhere ? 'drop' : 'reject' };
    delivered.set(choice, delivery);
    return delivery;
  };
  return {
    internal: deliver(internal),
    external: deliver(external),
    externalFromLocal: deliver(cluster),
    endpoints: [...published.values()],
  };
}

/** The ready endpoints, filtered by hints; if none is ready, those that serve while they terminate. */
function clusterSet(candidates: readonly Candidate[], node: NodeContext): Choice {
  const ready = candidates.filter(candidate => candidate.ready);
  if (ready.length === 0) return fallback(candidates);
  const { name, zone } = node;
  if (name !== undefined && ready.every(c => c.forNodes.length > 0) && ready.some(c => c.forNodes.includes(name))) {
    const used = new Set(ready.filter(c => c.forNodes.includes(name)));
    return { used, why: c => (c.ready ? 'other-node-hint' : unready(c)) };
  }
  // One endpoint without a hint switches hints off for the whole Service (KEP-2433).
  if (zone !== undefined && ready.every(c => c.forZones.length > 0) && ready.some(c => c.forZones.includes(zone))) {
    const used = new Set(ready.filter(c => c.forZones.includes(zone)));
    return { used, why: c => (c.ready ? 'other-zone' : unready(c)) };
  }
  return { used: new Set(ready), why: unready };
}

function localSet(candidates: readonly Candidate[]): Choice {
  const local = candidates.filter(candidate => candidate.local);
  const ready = local.filter(candidate => candidate.ready);
  if (ready.length > 0) return { used: new Set(ready), why: c => (c.local ? unready(c) : 'other-node') };
  const terminating = fallback(local);
  return { used: terminating.used, why: c => (c.local ? unready(c) : 'other-node') };
}

function fallback(candidates: readonly Candidate[]): Choice {
  return { used: new Set(candidates.filter(c => c.serving && c.terminating)), why: unready };
}

function unready(candidate: Candidate): ExclusionReason {
  return candidate.terminating ? 'terminating' : 'not-ready';
}

function publish(candidate: Candidate, internal: Choice, external: Choice): RouteEndpoint {
  const { forZones: _zones, forNodes: _nodes, ...endpoint } = candidate;
  return {
    ...endpoint,
    ...(internal.used.has(candidate) ? {} : { excludedInternal: internal.why(candidate) }),
    ...(external.used.has(candidate) ? {} : { excludedExternal: external.why(candidate) }),
  };
}
