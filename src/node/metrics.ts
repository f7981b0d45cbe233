/**
 * Metrics under kube-proxy's names where they mean the same (Kubernetes `pkg/proxy/metrics`), and our own under
 * `switchboard_`.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ObjectKey } from '../kube/objects.ts';
import { IP_FAMILIES, type IpFamily } from '../kube/protocol.ts';
import type { ProxiedRoute, Route, RouteChange } from '../routing/index.ts';
import type { Arrival } from './arrivals.ts';
import { ownMetrics } from './own-metrics.ts';
import type { Progress } from './progress.ts';

/** From 1 ms, each twice the one before. */
const SYNC_BUCKETS = Array.from({ length: 15 }, (_, i) => 0.001 * 2 ** i);
const PROGRAMMING_BUCKETS = [
  0.25,
  0.5,
  ...Array.from({ length: 59 }, (_, i) => i + 1),
  ...Array.from({ length: 12 }, (_, i) => 60 + i * 5),
  ...Array.from({ length: 7 }, (_, i) => 120 + i * 30),
];
/** A trigger that is older was set long before this agent began; it says nothing of us. */
const OLDEST_TRIGGER_MS = 30 * 60_000;
/** That are kept of a Service that waits. */
const MOST_TRIGGERS = 100;

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
  /** Service -> when its endpoints began to change, milliseconds since the epoch, by family. */
  readonly #triggers: Readonly<Record<IpFamily, Map<ObjectKey, number[]>>> = { IPv4: new Map(), IPv6: new Map() };

  /** @param routes as they are when metrics are asked for */
  constructor(progress: Progress, routes: () => Iterable<Route>) {
    const registers = [this.registry];
    const counter = (name: string, help: string) => new Counter({ name, help, labelNames: BY_FAMILY, registers });
    const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames: BY_FAMILY, registers });
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, labelNames: BY_FAMILY, buckets, registers });
    const byCode = (name: string, help: string) => new Counter({ name, help, labelNames: ['code'], registers });
    this.#syncs = histogram(
      'kubeproxy_sync_proxy_rules_duration_seconds',
      'Seconds that a transaction took, from the changes to the kernel',
      SYNC_BUCKETS,
    );
    this.#programming = histogram(
      'kubeproxy_network_programming_duration_seconds',
      'Seconds from the change of a pod or Service to the kernel',
      PROGRAMMING_BUCKETS,
    );
    this.#lastSync = gauge('kubeproxy_sync_proxy_rules_last_timestamp_seconds', 'When the last transaction succeeded');
    this.#lastQueued = gauge('kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds', 'When a change last came in');
    // These are kube-proxy's without a label: a Service counts once for each family all the same.
    const changes = (name: string, help: string) => new Counter({ name, help, registers });
    this.#endpointChanges = changes('kubeproxy_sync_proxy_rules_endpoint_changes_total', 'Changes of EndpointSlices');
    this.#serviceChanges = changes(
      'kubeproxy_sync_proxy_rules_service_changes_total',
      'Changes of Services, by family',
    );
    this.#pendingGauge('endpoint', 'endpoints');
    this.#pendingGauge('service', 'services');
    this.#failures = counter('kubeproxy_sync_proxy_rules_nftables_sync_failures_total', 'Transactions that failed');
    this.#probes = byCode('kubeproxy_proxy_healthz_total', 'Answers of /healthz');
    this.#lives = byCode('kubeproxy_proxy_livez_total', 'Answers of /livez');
    noLocalEndpoints(this.registry, routes);
    this.#repairs = ownMetrics(this.registry, progress, routes);
    // A family without a failure so far is told of, too: what is missing in a graph says nothing.
    for (const ip_family of IP_FAMILIES) this.#failures.inc({ ip_family }, 0);
  }

  /**
   * @param changed Services whose routes differ by what came in; the others have nothing that could wait
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
        // While the kernel takes nothing they come and come; the first ones say how late it is.
        if (triggers.length < MOST_TRIGGERS) this.#triggers[ip_family].set(service, [...triggers, triggeredAt]);
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

  /** One transaction is for both families. */
  failed(): void {
    for (const ip_family of IP_FAMILIES) this.#failures.inc({ ip_family });
  }

  repaired(): void {
    this.#repairs.inc();
  }

  asked(which: 'healthz' | 'livez', code: number): void {
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

/** Ports whose policy is Local and whose endpoints are all elsewhere: what is dialled here is dropped. */
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
