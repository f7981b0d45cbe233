/**
 * The agent's metrics: under kube-proxy's names if they have the same meaning (Kubernetes `pkg/proxy/metrics`), others with
 * the prefix `switchboard_`.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObjectKey } from '../kube/index.ts';
import { IP_FAMILIES, type IpFamily } from '../net/index.ts';
import type { ProxiedRoute, Route, RouteChange } from '../routing/index.ts';
import type { Arrival } from './arrivals.ts';
import { ownMetrics } from './own-metrics.ts';
import type { Progress } from './progress.ts';

/** From 1 ms, doubling. */
const SYNC_BUCKETS = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const PROGRAMMING_BUCKETS = [
  0.25,
  0.5,
  ...Array.from({ length: 59 }, (_, i) => i + 1),
  ...Array.from({ length: 12 }, (_, i) => 60 + i * 5),
  ...Array.from({ length: 7 }, (_, i) => 120 + i * 30),
];
/** Older triggers were set before this agent started and do not measure it. */
const OLDEST_TRIGGER_MS = 30 * 60_000;
/** The number of triggers kept for a pending Service. */
const MAX_TRIGGERS = 100;

const BY_FAMILY = ['ip_family'] as const;

interface Pending {
  readonly services: Set<ObjectKey>;
  readonly endpoints: Set<ObjectKey>;
}

export class Metrics {
  readonly registry = new Registry();
  readonly #syncs: Histogram<'ip_family'>;
  readonly #programming: Histogram<'ip_family'>;
  readonly #lastSync: Gauge<'ip_family'>;
  readonly #lastQueued: Gauge<'ip_family'>;
  readonly #endpointChanges: Counter;
  readonly #serviceChanges: Counter;
  readonly #failures: Counter<'ip_family'>;
  readonly #probes: Counter<'code'>;
  readonly #lives: Counter<'code'>;
  readonly #repairs: Counter;
  /** Services with changes that are not in the kernel yet. */
  readonly #pending: Readonly<Record<IpFamily, Pending>> = { IPv4: nothing(), IPv6: nothing() };
  /** Service -> when its endpoints started to change, in milliseconds since the epoch, by family. */
  readonly #triggers: Readonly<Record<IpFamily, Map<ObjectKey, number[]>>> = { IPv4: new Map(), IPv6: new Map() };

  /** @param routes returns the current routes */
  constructor(progress: Progress, routes: () => Iterable<Route>) {
    const registers = [this.registry];
    const counter = (name: string, help: string) => new Counter({ name, help, labelNames: BY_FAMILY, registers });
    const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: BY_FAMILY, registers });
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, labelNames: BY_FAMILY, buckets, registers });
    const byCode = (name: string, help: string) => new Counter({ name, help, labelNames: ['code'], registers });
    this.#syncs = histogram(
      'kubeproxy_sync_proxy_rules_duration_seconds',
      'Duration of a transaction in seconds',
      SYNC_BUCKETS,
    );
    this.#programming = histogram(
      'kubeproxy_network_programming_duration_seconds',
      'Seconds from the change of a pod or Service until it is in the kernel',
      PROGRAMMING_BUCKETS,
    );
    this.#lastSync = gauge('kubeproxy_sync_proxy_rules_last_timestamp_seconds', 'When the last transaction succeeded');
    this.#lastQueued = gauge(
      'kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds',
      'When the last change was received',
    );
    // In kube-proxy, these have no label either, and a Service counts once for each family.
    const changes = (name: string, help: string) => new Counter({ name, help, registers });
    this.#endpointChanges = changes(
      'kubeproxy_sync_proxy_rules_endpoint_changes_total',
      'Number of EndpointSlice changes',
    );
    this.#serviceChanges = changes(
      'kubeproxy_sync_proxy_rules_service_changes_total',
      'Number of Service changes, by family',
    );
    this.#pendingGauge('endpoint', 'endpoints');
    this.#pendingGauge('service', 'services');
    this.#failures = counter(
      'kubeproxy_sync_proxy_rules_nftables_sync_failures_total',
      'Number of failed transactions',
    );
    this.#probes = byCode('kubeproxy_proxy_healthz_total', 'Responses of /healthz');
    this.#lives = byCode('kubeproxy_proxy_livez_total', 'Responses of /livez');
    noLocalEndpoints(this.registry, routes);
    this.#repairs = ownMetrics(this.registry, progress, routes);
    // Also export families without failures: a missing series in a graph is ambiguous.
    for (const ip_family of IP_FAMILIES) this.#failures.inc({ ip_family }, 0);
  }

  /**
   * @param changed the Services whose routes have changed; the others have nothing pending
   * @param wallClock milliseconds since the epoch
   */
  queued(arrivals: readonly Arrival[], changed: ReadonlySet<ObjectKey>, wallClock = Date.now()): void {
    for (const { kind, service, families, triggeredAt } of arrivals) {
      for (const ip_family of families) {
        (kind === 'Service' ? this.#serviceChanges : this.#endpointChanges).inc();
        this.#lastQueued.set({ ip_family }, wallClock / 1000);
        if (service === undefined || !changed.has(service)) continue;
        const pending = this.#pending[ip_family];
        (kind === 'Service' ? pending.services : pending.endpoints).add(service);
        if (triggeredAt === undefined || wallClock - triggeredAt > OLDEST_TRIGGER_MS) continue;
        const triggers = this.#triggers[ip_family].get(service) ?? [];
        // While applies fail, triggers accumulate; the first ones measure the delay.
        if (triggers.length < MAX_TRIGGERS) this.#triggers[ip_family].set(service, [...triggers, triggeredAt]);
      }
    }
  }

  applied(changes: readonly RouteChange[], seconds: number, wallClock = Date.now()): void {
    for (const ip_family of IP_FAMILIES) {
      this.#lastSync.set({ ip_family }, wallClock / 1000);
      if (changes.some(({ route }) => route.family === ip_family)) this.#syncs.observe({ ip_family }, seconds);
    }
    for (const service of new Set(changes.map(({ route }) => route.service))) {
      for (const ip_family of IP_FAMILIES) {
        this.#pending[ip_family].services.delete(service);
        this.#pending[ip_family].endpoints.delete(service);
        const triggers = this.#triggers[ip_family];
        for (const began of triggers.get(service) ?? []) {
          this.#programming.observe({ ip_family }, Math.max(0, wallClock - began) / 1000);
        }
        triggers.delete(service);
      }
    }
  }

  /** A transaction covers both families. */
  failed(): void {
    for (const ip_family of IP_FAMILIES) this.#failures.inc({ ip_family });
  }

  repaired(): void {
    this.#repairs.inc();
  }

  probed(which: 'healthz' | 'livez', code: number): void {
    (which === 'healthz' ? this.#probes : this.#lives).inc({ code: String(code) });
  }

  #pendingGauge(word: string, of: keyof Pending): void {
    const pending = this.#pending;
    new Gauge({
      name: `kubeproxy_sync_proxy_rules_${word}_changes_pending`,
      help: `Services with changes of ${of === 'services' ? 'their own' : 'their EndpointSlices'} that are not in the kernel yet`,
      registers: [this.registry],
      collect() {
        this.set(IP_FAMILIES.reduce((sum, family) => sum + pending[family][of].size, 0));
      },
    });
  }
}

/** Service ports with policy Local and endpoints on other nodes only: their connections are dropped on this node. */
function noLocalEndpoints(registry: Registry, routes: () => Iterable<Route>): void {
  const policies = [
    { traffic_policy: 'internal', of: (route: ProxiedRoute) => [route.internalTrafficPolicy, route.internal] as const },
    { traffic_policy: 'external', of: (route: ProxiedRoute) => [route.externalTrafficPolicy, route.external] as const },
  ];
  new Gauge({
    name: 'kubeproxy_sync_proxy_rules_no_local_endpoints_total',
    help: 'Service ports with a Local traffic policy and endpoints on other nodes only',
    labelNames: ['ip_family', 'traffic_policy'],
    registers: [registry],
    collect() {
      const proxied = [...routes()].filter(route => route.kind === 'proxied');
      for (const ip_family of IP_FAMILIES) {
        for (const { traffic_policy, of } of policies) {
          const found = proxied.filter(route => {
            const [policy, delivery] = of(route);
            return route.family === ip_family && policy === 'Local' && delivery.kind === 'drop';
          });
          this.set({ ip_family, traffic_policy }, found.length);
        }
      }
    },
  });
}

function nothing(): Pending {
  return { services: new Set(), endpoints: new Set() };
}
