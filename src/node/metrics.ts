/**
 * Metrics under kube-proxy's names where they mean the same (Kubernetes `pkg/proxy/metrics`), and our own under
 * `switchboard_`.
 *
 * @module
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { EndpointSlice, ObjectEvent } from '../kube/objects.ts';
import type { RouteChange } from '../routing/index.ts';
import type { Progress } from './progress.ts';

const TRIGGER = 'endpoints.kubernetes.io/last-change-trigger-time';
const LABEL_SERVICE = 'kubernetes.io/service-name';
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

export class Metrics {
  readonly registry = new Registry();
  readonly #syncs: Histogram<'ip_family'>;
  readonly #programming: Histogram<'ip_family'>;
  readonly #lastSync: Gauge<'ip_family'>;
  readonly #lastQueued: Gauge<'ip_family'>;
  readonly #endpointChanges: Counter<'ip_family'>;
  readonly #serviceChanges: Counter<'ip_family'>;
  readonly #failures: Counter<'ip_family'>;
  readonly #probes: Counter<'code'>;
  readonly #lives: Counter<'code'>;
  readonly #repairs: Counter;
  /** Service -> wall-clock times at which its endpoints began to change. */
  readonly #triggers = new Map<string, number[]>();

  constructor(progress: Progress, counts: () => { readonly routes: number; readonly endpoints: number }) {
    const registers = [this.registry];
    const labelNames = ['ip_family'] as const;
    const counter = (name: string, help: string) => new Counter({ name, help, labelNames, registers });
    const gauge = (name: string, help: string) => new Gauge({ name, help, labelNames, registers });
    this.#syncs = new Histogram({
      name: 'kubeproxy_sync_proxy_rules_duration_seconds',
      help: 'Seconds that a transaction took, from the changes to the kernel',
      labelNames,
      buckets: SYNC_BUCKETS,
      registers,
    });
    this.#programming = new Histogram({
      name: 'kubeproxy_network_programming_duration_seconds',
      help: 'Seconds from the change of a pod or Service to the kernel',
      labelNames,
      buckets: PROGRAMMING_BUCKETS,
      registers,
    });
    this.#lastSync = gauge('kubeproxy_sync_proxy_rules_last_timestamp_seconds', 'When the last transaction succeeded');
    this.#lastQueued = gauge('kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds', 'When a change last came in');
    this.#endpointChanges = counter('kubeproxy_sync_proxy_rules_endpoint_changes_total', 'Changes of EndpointSlices');
    this.#serviceChanges = counter('kubeproxy_sync_proxy_rules_service_changes_total', 'Changes of Services');
    this.#failures = counter('kubeproxy_sync_proxy_rules_nftables_sync_failures_total', 'Transactions that failed');
    this.#probes = new Counter({
      name: 'kubeproxy_proxy_healthz_total',
      help: 'Answers of /healthz',
      labelNames: ['code'],
      registers,
    });
    this.#lives = new Counter({
      name: 'kubeproxy_proxy_livez_total',
      help: 'Answers of /livez',
      labelNames: ['code'],
      registers,
    });
    this.#repairs = new Counter({
      name: 'switchboard_repairs_total',
      help: 'Times that the rules were mended after somebody else had changed them',
      registers,
    });
    new Gauge({
      name: 'switchboard_oldest_unprogrammed_change_seconds',
      help: 'Age of the oldest change that is not in the kernel yet; 0: none waits',
      registers,
      collect() {
        this.set(progress.oldestMs() / 1000);
      },
    });
    new Gauge({
      name: 'switchboard_pending_services',
      help: 'Services with changes that are not in the kernel yet',
      registers,
      collect() {
        this.set(progress.pending);
      },
    });
    new Gauge({
      name: 'switchboard_routes',
      help: 'Service ports in the kernel',
      registers,
      collect() {
        this.set(counts().routes);
      },
    });
    new Gauge({
      name: 'switchboard_endpoints',
      help: 'Endpoints of those ports',
      registers,
      collect() {
        this.set(counts().endpoints);
      },
    });
  }

  queued(events: readonly ObjectEvent[], wallClock = Date.now()): void {
    for (const event of events) {
      const kind = event.type === 'set' ? event.object.kind : event.kind;
      if (kind === 'Service') this.#serviceChanges.inc({ ip_family: 'IPv4' });
      if (kind === 'EndpointSlice') this.#endpointChanges.inc({ ip_family: 'IPv4' });
      if (event.type === 'set' && event.object.kind === 'EndpointSlice') this.#trigger(event.object, wallClock);
    }
    if (events.length > 0) this.#lastQueued.set({ ip_family: 'IPv4' }, wallClock / 1000);
  }

  applied(changes: readonly RouteChange[], seconds: number, wallClock = Date.now()): void {
    this.#syncs.observe({ ip_family: 'IPv4' }, seconds);
    this.#lastSync.set({ ip_family: 'IPv4' }, wallClock / 1000);
    for (const service of new Set(changes.map(({ route }) => route.service))) {
      for (const began of this.#triggers.get(service) ?? []) {
        this.#programming.observe({ ip_family: 'IPv4' }, Math.max(0, wallClock - began) / 1000);
      }
      this.#triggers.delete(service);
    }
  }

  failed(): void {
    this.#failures.inc({ ip_family: 'IPv4' });
  }

  repaired(): void {
    this.#repairs.inc();
  }

  asked(which: 'healthz' | 'livez', code: number): void {
    (which === 'healthz' ? this.#probes : this.#lives).inc({ code: String(code) });
  }

  #trigger(slice: EndpointSlice, wallClock: number): void {
    const service = slice.meta.labels[LABEL_SERVICE];
    const began = Date.parse(slice.meta.annotations[TRIGGER] ?? '');
    if (service === undefined || Number.isNaN(began) || wallClock - began > OLDEST_TRIGGER_MS) return;
    const key = `${slice.meta.namespace}/${service}`;
    this.#triggers.set(key, [...(this.#triggers.get(key) ?? []), began]);
  }
}
