import { nameablePorts, resolveTargetPort } from '../endpoints/index.ts';
import { type KubeObject, keyOf, type Pod, type Service, type ServicePort } from '../kube/objects.ts';
import { type Route, RouteTable } from '../routing/index.ts';
import { World } from '../world/index.ts';
import type { Confidence, Subject } from './finding.ts';
import { type Entry, Inventory, type LintInput, type OtherEntry } from './inventory.ts';
import { GATEWAY_ROUTES, matches, type NetworkPolicy, rawAt, rawField, readNetworkPolicy } from './kinds/index.ts';
import { type PodGroup, PodGroups } from './pod-groups.ts';

export interface LintOptions {
  readonly defaultNamespace: string;
  /** What is not among the inputs does not exist. */
  readonly complete: boolean;
  /** Where else things may be that are not here, in words; `among the files given` unless told otherwise. */
  readonly where?: string;
}

export interface PolicyEntry {
  readonly policy: NetworkPolicy;
  readonly subject: Subject;
  readonly selected: readonly PodGroup[];
}

/**
 * What rules read. It answers questions about the objects and decides nothing about routing: that is asked of
 * `endpoints` and `routing`, so that lint, `get`, `explain` and a running `up` say the same.
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
    this.#where = options.complete ? '' : ` ${options.where ?? 'among the files given'}`;
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

  /** Whether a Service is there, be it one that the API would refuse, which is told elsewhere. */
  knowsService(namespace: string, name: string): boolean {
    return this.service(namespace, name) !== undefined || this.inventory.isRefused('Service', namespace, name);
  }

  servicesIn(namespace: string): Entry<Service>[] {
    return this.services.filter(entry => entry.object.meta.namespace === namespace);
  }

  /** The groups whose pods a Service selects, Jobs and finished pods among them. */
  selectedBy(service: Service): readonly PodGroup[] {
    const known = this.#selected.get(service) ?? this.groups.selectedBy(service);
    this.#selected.set(service, known);
    return known;
  }

  /** The groups that serve for a Service: those that do not run to an end. */
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

  /** The pod ports that Services lead to in a group. */
  targets(group: PodGroup): { entry: Entry<Service>; port: ServicePort; index: number; target: number }[] {
    return this.selecting(group).flatMap(entry =>
      entry.object.ports.flatMap((port, index) => {
        const target = resolveTargetPort(port, group.pod);
        return target === undefined ? [] : [{ entry, port, index, target }];
      }),
    );
  }

  /** What routing makes of a Service; nothing where no endpoint has an address, since templates have none. */
  routesOf(service: Service): readonly Route[] {
    return this.#hasAddresses ? this.#routes().routesOf(keyOf(service.meta)) : [];
  }

  others(kind: string | ReadonlySet<string>): OtherEntry[] {
    const wanted = typeof kind === 'string' ? new Set([kind]) : kind;
    return [...this.inventory.others()].filter(other => wanted.has(other.subject.kind));
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

  /** ` among the files given`, as far as that is all that is known. */
  get where(): string {
    return this.#where;
  }

  /** What is said of something missing: sure only where the inputs are declared complete. */
  missing(otherwise: Confidence): Confidence {
    return this.complete ? 'certain' : otherwise;
  }

  /**
   * A custom resource in a namespace whose controller may make pods that no file shows; undefined if there is none.
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

/** Groups of the Kubernetes project, and kinds that are known to make no pods. */
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

/** Works something out once for each context, for rules that share it. */
export function perContext<T>(make: (context: LintContext) => T): (context: LintContext) => T {
  const known = new WeakMap<LintContext, { readonly value: T }>();
  return context => {
    const before = known.get(context);
    if (before !== undefined) return before.value;
    const value = make(context);
    known.set(context, { value });
    return value;
  };
}

/** Whether a field was written, and is no default. */
export function isWritten(entry: { readonly value: unknown }, ...path: readonly (string | number)[]): boolean {
  return rawAt(entry.value, ...path) !== undefined;
}

export type { Entry, OtherEntry, PodGroup };
