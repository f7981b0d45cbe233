import { PIN, pinnedSlice } from '../endpoints/index.ts';
import { SwitchboardError } from '../errors.ts';
import { type EndpointSlice, keyOf, type ObjectEvent, type Pod, type Service } from '../kube/index.ts';
import { canonicalAddress, splitHostPort } from '../net/index.ts';

/** `--pod default/web-0=127.0.0.1:3000`: the address of a pod that another program runs (an IDE, a debugger). */
export interface PodOverride {
  /** `namespace/name`; the name may also be `workload-ordinal` of a Deployment's pod. */
  readonly pod: string;
  readonly address: string;
  /** undefined: the ports that the pod declares. */
  readonly port?: number;
}

/** `--endpoint svc/web:http=localhost:3000`: the only endpoint of a Service port. */
export interface EndpointOverride {
  readonly service: string;
  /** Name or number; undefined: the only port. */
  readonly port?: string;
  readonly address: string;
  readonly targetPort: number;
}

/** @throws SWB_USAGE */
export function parsePodOverride(text: string, namespace: string): PodOverride {
  const match = /^(?:pod\/)?(?:([^/=]+)\/)?([^/=]+)=(.+)$/.exec(text);
  const place = match?.[3] === undefined ? undefined : parsePlace(match[3]);
  if (match === null || place === undefined) {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--pod ${text}: write it as NAMESPACE/POD=ADDRESS:PORT, for example default/web-0=127.0.0.1:3000`,
    );
  }
  return { pod: `${match[1] ?? namespace}/${match[2]}`, ...place };
}

/** @throws SWB_USAGE */
export function parseEndpointOverride(text: string, namespace: string): EndpointOverride {
  const match = /^(?:svc\/|service\/)?(?:([^/=:]+)\/)?([^/=:]+)(?::([^=]+))?=(.+)$/.exec(text);
  const place = match?.[4] === undefined ? undefined : parsePlace(match[4]);
  if (match === null || place?.port === undefined) {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--endpoint ${text}: write it as svc/NAME:PORT=ADDRESS:PORT, for example svc/web:http=localhost:3000`,
    );
  }
  return {
    service: `${match[1] ?? namespace}/${match[2]}`,
    ...(match[3] === undefined ? {} : { port: match[3] }),
    address: place.address,
    targetPort: place.port,
  };
}

function parsePlace(text: string): { address: string; port?: number } | undefined {
  const parts = splitHostPort(text);
  if (parts === undefined || parts.port === 0) return undefined;
  const address = parts.host === 'localhost' ? '127.0.0.1' : canonicalAddress(parts.host);
  if (address === undefined) return undefined;
  return { address, ...(parts.port === undefined ? {} : { port: parts.port }) };
}

/** Applies the overrides to the stream of events. */
export class Overrides {
  readonly #pods: ReadonlyMap<string, PodOverride>;
  readonly #endpoints: readonly EndpointOverride[];
  readonly #used = new Set<PodOverride | EndpointOverride>();
  /** Names of the slices that were created for a Service. */
  readonly #made = new Map<string, ReadonlySet<string>>();

  constructor(pods: readonly PodOverride[], endpoints: readonly EndpointOverride[]) {
    this.#pods = new Map(pods.map(override => [override.pod, override]));
    this.#endpoints = endpoints;
  }

  /** The overrides that matched no pod or Service port so far, as the user wrote them. */
  unused(): string[] {
    const pods = [...this.#pods.values()].filter(o => !this.#used.has(o)).map(o => `--pod ${o.pod}`);
    const endpoints = this.#endpoints
      .filter(o => !this.#used.has(o))
      .map(o => `--endpoint svc/${o.service}${o.port === undefined ? '' : `:${o.port}`}`);
    return [...pods, ...endpoints];
  }

  apply(events: readonly ObjectEvent[]): ObjectEvent[] {
    return events.flatMap(event => {
      if (event.type === 'delete') return event.kind === 'Service' ? [event, ...this.#replace(event, [])] : [event];
      if (event.object.kind === 'Pod') return [{ type: 'set', object: this.#placed(event.object) } as const];
      return event.object.kind === 'Service' ? [event, ...this.#pinned(event.object)] : [event];
    });
  }

  /** Whether an override sets the address of a pod, so that it is not run here. */
  covers(pod: Pod): boolean {
    return this.#overrideOf(pod) !== undefined;
  }

  #overrideOf(pod: Pod): PodOverride | undefined {
    const named = this.#pods.get(keyOf(pod.meta));
    if (named !== undefined) return named;
    const owner = pod.meta.owners.find(o => o.controller);
    const ordinal = /-(\d+)$/.exec(pod.meta.name)?.[1];
    return owner && ordinal ? this.#pods.get(`${pod.meta.namespace}/${owner.name}-${ordinal}`) : undefined;
  }

  #placed(pod: Pod): Pod {
    const override = this.#overrideOf(pod);
    if (override === undefined) return pod;
    this.#used.add(override);
    const pin = override.port === undefined ? {} : { [PIN]: String(override.port) };
    return {
      ...pod,
      meta: { ...pod.meta, annotations: { ...pod.meta.annotations, ...pin } },
      status: { phase: 'Running', podIPs: [override.address], conditions: [{ type: 'Ready', status: 'True' }] },
    };
  }

  #pinned(service: Service): ObjectEvent[] {
    const own = this.#endpoints.filter(override => override.service === keyOf(service.meta));
    const slices = service.ports.flatMap(port => {
      const chosen = own.filter(o =>
        o.port === undefined ? service.ports.length === 1 : o.port === port.name || o.port === String(port.port),
      );
      for (const override of chosen) this.#used.add(override);
      return pinnedSlice(
        service.meta,
        port,
        chosen.map(o => ({ address: o.address, port: o.targetPort })),
      );
    });
    return this.#replace(service.meta, slices);
  }

  /** Sets the slices of a Service and deletes its former ones. */
  #replace(service: { namespace: string; name: string }, slices: readonly EndpointSlice[]): ObjectEvent[] {
    const key = keyOf(service);
    const names = new Set(slices.map(slice => slice.meta.name));
    const gone = [...(this.#made.get(key) ?? [])].filter(name => !names.has(name));
    if (names.size === 0) this.#made.delete(key);
    else this.#made.set(key, names);
    return [
      ...gone.map(name => ({ type: 'delete', kind: 'EndpointSlice', namespace: service.namespace, name }) as const),
      ...slices.map(object => ({ type: 'set', object }) as const),
    ];
  }
}
