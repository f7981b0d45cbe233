/**
 * What load balancers and the kubelet ask: /healthz and /livez as kube-proxy answers them, and for Services with a
 * healthCheckNodePort whether this node has an endpoint (Kubernetes `pkg/proxy/healthcheck`).
 *
 * @module
 */
import type { Node } from '../kube/objects.ts';
import type { ProxiedRoute } from '../routing/index.ts';
import type { Answer } from '../system/index.ts';
import type { Progress } from './progress.ts';

/** A change that waits longer than twice the sync period of kube-proxy makes the node unhealthy. */
const LATE_MS = 60_000;
const TAINT_LEAVING = 'ToBeDeletedByClusterAutoscaler';

export interface HealthState {
  readonly progress: Progress;
  /** The node's own object; undefined: the cluster does not know it. */
  readonly node: () => Node | undefined;
}

export function isHealthy({ progress }: HealthState): boolean {
  return progress.started && progress.oldestMs() < LATE_MS;
}

/** New connections are to go elsewhere when the node is about to go. */
export function isEligible({ node }: HealthState): boolean {
  const own = node();
  return own !== undefined && own.meta.deletionTimestamp === undefined && !own.taints.includes(TAINT_LEAVING);
}

/** @param livez leaves the node's eligibility out: a node that drains need not be started anew */
export function healthAnswer(state: HealthState, livez: boolean, wallClock: Date = new Date()): Answer {
  const healthy = isHealthy(state);
  const eligible = isEligible(state);
  const ok = healthy && (livez || eligible);
  const lastUpdated = new Date(wallClock.getTime() - state.progress.oldestMs());
  const status = { lastUpdated: lastUpdated.toISOString(), currentTime: wallClock.toISOString(), healthy };
  return {
    status: ok ? 200 : 503,
    type: 'application/json',
    headers: { 'X-Content-Type-Options': 'nosniff' },
    body: JSON.stringify({
      ...status,
      ...(livez ? {} : { nodeEligible: eligible }),
      status: { IPv4: status, IPv6: status },
    }),
  };
}

/** For one Service; the weight is how many endpoints of it this node has. */
export function serviceAnswer(service: string, localEndpoints: number, healthy: boolean): Answer {
  const [namespace = '', name = ''] = service.split('/');
  return {
    status: healthy && localEndpoints > 0 ? 200 : 503,
    type: 'application/json',
    headers: { 'X-Content-Type-Options': 'nosniff', 'X-Load-Balancing-Endpoint-Weight': String(localEndpoints) },
    body: JSON.stringify({ service: { namespace, name }, localEndpoints, serviceProxyHealthy: healthy }, null, '\t'),
  };
}

/** Distinct addresses of ready endpoints on this node. */
export function localReady(routes: readonly ProxiedRoute[]): number {
  return new Set(routes.flatMap(r => r.endpoints.flatMap(e => (e.local && e.ready ? e.address : [])))).size;
}
