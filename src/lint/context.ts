import { nameablePorts, resolveTargetPort } from '../endpoints/index.ts';
import { type KubeObject, keyOf, type Pod, type Service, type ServicePort } from '../kube/index.ts';
import { type Route, RouteTable } from '../routing/index.ts';
import { World } from '../world/index.ts';
import type { Confidence, Subject } from './finding.ts';
import { type Entry, Inventory, type LintInput, type OtherEntry } from './inventory.ts';
import { GATEWAY_ROUTES, matches, type NetworkPolicy, rawAt, rawField, readNetworkPolicy } from './kinds/index.ts';
import { type PodGroup, PodGroups } from './pod-groups.ts';

export interface LintOptions {
  readonly defaultNamespace: string;
  /** The inputs are complete: objects that are not among them do not exist. */
  readonly complete: boolean;
  /** Names the inputs in messages about missing objects. Default: `among the given files`. */
  readonly where?: string;
}

export interface PolicyEntry {
  readonly policy: NetworkPolicy;
  readonly subject: Subject;
  readonly selected: readonly PodGroup[];
}

/**
 * The objects for rules, with lookups. Leaves all routing decisions to `endpoints` and `routing`, so that lint, `get`,
 * `explain` and a running `up` agree.
 */
export class LintContext {
  readonly complete: boolean;
  readonly #where: string;
  readonly inventory: Inventory;
  readonly groups: PodGroups;
  readonly services: readonly Entry<Service>[];
  readonly #hasAddresses: boolean;
  readonly #selected = new Map<Service, readonly PodGroup[]>();
  #selecting: Map<PodGroup, Entry<Service>[]> | undefined;
  #table: RouteTable | undefined;
  #policies: readonly PolicyEntry[] | undefined;

  constructor(inputs: readonly LintInput[], options: LintOptions) {
    this.complete = options.complete;
    this.#where = options.complete ? '' : ` ${options.where ?? 'among the given files'}`;
    this.inventory = new Inventory(inputs, options.defaultNamespace);
    this.groups = new PodGroups(this.inventory);
    this.services = this.inventory.of('Service');
    this.#hasAddresses =
      this.inventory.of('EndpointSlice').length > 0 ||
      this.inventory.of('Endpoints').length > 0 ||
      this.inventory.of('Pod').some(pod => pod.object.status.podIPs.length > 0);
  }

  service(namespace: string, name: string): Entry<Service> | undefined {
    const entry = this.inventory.get('Service', namespace, name);
    return entry !== undefined && isService(entry) ? entry : undefined;
  }

  /** Whether a Service exists, or would if the API accepted it; another rule reports that. */
  mayHaveService(namespace: string, name: string): boolean {
    return this.service(namespace, name) !== undefined || this.inventory.isRejected('Service', namespace, name);
  }

  servicesIn(namespace: string): Entry<Service>[] {
    return this.services.filter(entry => entry.object.meta.namespace === namespace);
  }

  /** The groups whose pods a Service selects, including Jobs and finished pods. */
  selectedBy(service: Service): readonly PodGroup[] {
    const groups = this.#selected.get(service) ?? this.groups.selectedBy(service);
    this.#selected.set(service, groups);
    return groups;
  }

  /** The groups that serve a Service: those that do not run to completion. */
  servingFor(service: Service): readonly PodGroup[] {
    return this.selectedBy(service).filter(group => !group.ends);
  }

  /** The Services that select a group. */
  selecting(group: PodGroup): readonly Entry<Service>[] {
    if (this.#selecting === undefined) {
      this.#selecting = new Map();
      for (const entry of this.services) {
        for (const selected of this.selectedBy(entry.object)) {
          const all = this.#selecting.get(selected) ?? [];
          all.push(entry);
          this.#selecting.set(selected, all);
        }
      }
    }
    return this.#selecting.get(group) ?? [];
  }

  /** The pod ports of a group that Services send traffic to. */
  targets(group: PodGroup): { entry: Entry<Service>; port: ServicePort; index: number; target: number }[] {
    return this.selecting(group).flatMap(entry =>
      entry.object.ports.flatMap((port, index) => {
        const target = resolveTargetPort(port, group.pod);
        return target === undefined ? [] : [{ entry, port, index, target }];
      }),
    );
  }

  /** The routes of a Service. Empty if no pod has an address, as in inputs with templates only. */
  routesOf(service: Service): readonly Route[] {
    return this.#hasAddresses ? this.#routes().routesOf(keyOf(service.meta)) : [];
  }

  others(kind: string | ReadonlySet<string>): OtherEntry[] {
    const kinds = typeof kind === 'string' ? new Set([kind]) : kind;
    return [...this.inventory.others()].filter(other => kinds.has(other.subject.kind));
  }

  gatewayRoutes(): OtherEntry[] {
    return this.others(GATEWAY_ROUTES).filter(other => other.apiVersion.startsWith('gateway.networking.k8s.io/'));
  }

  policies(): readonly PolicyEntry[] {
    this.#policies ??= this.others('NetworkPolicy').map(({ subject, value }) => {
      const policy = readNetworkPolicy(rawField(value));
      const selected = this.groups.in(subject.namespace).filter(g => matches(policy.pods, g.pod.meta.labels));
      return { policy, subject, selected };
    });
    return this.#policies;
  }

  /** ` among the given files`; `''` if the inputs are complete. */
  get where(): string {
    return this.#where;
  }

  /** The confidence of a finding about a missing object: certain only if the inputs are complete. */
  missing(otherwise: Confidence): Confidence {
    return this.complete ? 'certain' : otherwise;
  }

  /**
   * A custom resource in a namespace whose controller may create pods that are not in the files.
   */
  operatorIn(namespace: string): OtherEntry | undefined {
    for (const other of this.inventory.others()) {
      if (other.subject.namespace === namespace && mayMakePods(other)) return other;
    }
    return undefined;
  }

  #routes(): RouteTable {
    if (this.#table !== undefined) return this.#table;
    const world = new World();
    const table = new RouteTable(world.store);
    const object = (entry: Entry): KubeObject => entry.object;
    table.update(
      world.apply([...this.inventory.entries()].map(entry => ({ type: 'set', object: object(entry) }) as const)),
    );
    this.#table = table;
    return table;
  }
}

/** Kinds whose controllers create no pods. */
const MAKES_NO_PODS =
  /^(ServiceMonitor|PodMonitor|Probe|ScrapeConfig|PrometheusRule|AlertmanagerConfig|Certificate|Issuer|ClusterIssuer|ExternalSecret|SecretStore|SealedSecret|VirtualService|DestinationRule|ServiceEntry|Gateway|EnvoyFilter|PeerAuthentication|AuthorizationPolicy|Sidecar|IngressRoute(TCP|UDP)?|Middleware|ScaledObject|TriggerAuthentication|Application|AppProject|ServiceProfile)$/;

function mayMakePods(other: OtherEntry): boolean {
  const group = other.apiVersion.split('/')[0] ?? '';
  return group.includes('.') && !group.endsWith('.k8s.io') && !MAKES_NO_PODS.test(other.subject.kind);
}

function isService(entry: Entry): entry is Entry<Service> {
  return entry.object.kind === 'Service';
}

/** `"http" (8080/TCP)` for each named port of a pod. */
export function namedPorts(pod: Pod): string[] {
  return nameablePorts(pod)
    .filter(port => port.name !== '')
    .map(port => `"${port.name}" (${port.containerPort}/${port.protocol})`);
}

/** Computes a value once for each context, for rules that share it. */
export function perContext<T>(compute: (context: LintContext) => T): (context: LintContext) => T {
  const cache = new WeakMap<LintContext, { readonly value: T }>();
  return context => {
    const cached = cache.get(context);
    if (cached !== undefined) return cached.value;
    const value = compute(context);
    cache.set(context, { value });
    return value;
  };
}

/** Whether the user wrote a field, so that it is not a default. */
export function isWritten(entry: { readonly value: unknown }, ...path: readonly (string | number)[]): boolean {
  return rawAt(entry.value, ...path) !== undefined;
}

export type { Entry, OtherEntry, PodGroup };
