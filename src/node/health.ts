/**
 * Health checks of load balancers and the kubelet: /healthz and /livez as in kube-proxy, and whether this node has an
 * endpoint of a Service with a healthCheckNodePort (Kubernetes `pkg/proxy/healthcheck`).
 *
 * @module
 */
import type { Node } from '../kube/index.ts';
import type { ProxiedRoute } from '../routing/index.ts';
import type { Answer } from '../system/index.ts';
import type { Progress } from './progress.ts';

/** A change that is pending for longer than twice kube-proxy's sync period makes the node unhealthy. */
const LATE_MS = 60_000;
const TAINT_LEAVING = 'ToBeDeletedByClusterAutoscaler';

export interface HealthState {
  readonly progress: Progress;
  /** The Node object; undefined: the cluster has none. */
  readonly node: () => Node | undefined;
}

export function isHealthy({ progress }: HealthState): boolean {
  return progress.started && progress.oldestMs() < LATE_MS;
}

/** Load balancers must not send new connections to a node that is about to be removed. */
export function isEligible({ node }: HealthState): boolean {
  const own = node();
  return own !== undefined && own.meta.deletionTimestamp === undefined && !own.taints.includes(TAINT_LEAVING);
}

/** @param livez ignores whether the node is being removed: the agent need not be restarted then */
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

/** For one Service; the weight is the number of its endpoints on this node. */
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
