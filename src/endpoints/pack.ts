import { fnv1a } from '../data/index.ts';
import {
  type EndpointSlice,
  LABEL_HEADLESS,
  LABEL_MANAGED_BY,
  LABEL_SERVICE_NAME,
  type Labels,
  type ObjectMeta,
  type SliceEndpoint,
  type SlicePort,
} from '../kube/index.ts';
import type { IpFamily } from '../net/index.ts';

/** Endpoints of one family with the same ports. */
export interface EndpointGroup {
  readonly family: IpFamily;
  readonly ports: readonly SlicePort[];
  readonly endpoints: SliceEndpoint[];
}

/** Groups endpoints by family and resolved ports: pods that resolve a port name to different numbers are in different slices. */
export class EndpointGroups {
  readonly #groups = new Map<string, EndpointGroup>();

  add(family: IpFamily, ports: readonly SlicePort[], endpoint: SliceEndpoint): void {
    const id = `${family} ${portsId(ports)}`;
    const group = this.#groups.get(id);
    if (group === undefined) this.#groups.set(id, { family, ports, endpoints: [endpoint] });
    else group.endpoints.push(endpoint);
  }

  of(family: IpFamily): EndpointGroup[] {
    return [...this.#groups.values()].filter(group => group.family === family);
  }
}

export interface SliceOwner {
  /** Name and namespace of the Service or Endpoints object. */
  readonly meta: ObjectMeta;
  readonly ownerKind: 'Service' | 'Endpoints';
  readonly managedBy: string;
  readonly headless: boolean;
}

/**
 * Fills slices with at most `max` endpoints each. The result depends on the endpoints and not on their history, so an
 * incremental evaluation and one from scratch give the same slices. The real controller keeps endpoints in their slice to
 * save writes to etcd; here, there is no etcd.
 */
export function packSlices(owner: SliceOwner, groups: readonly EndpointGroup[], max: number): EndpointSlice[] {
  const slices: EndpointSlice[] = [];
  for (const group of groups) {
    for (let from = 0, part = 0; from < Math.max(1, group.endpoints.length); from += max, part += 1) {
      slices.push({
        kind: 'EndpointSlice',
        meta: sliceMeta(owner, `${group.family} ${portsId(group.ports)} ${part}`),
        addressType: group.family,
        ports: group.ports,
        endpoints: group.endpoints.slice(from, from + max),
      });
    }
  }
  return slices;
}

function portsId(ports: readonly SlicePort[]): string {
  return JSON.stringify(ports.map(port => [port.name, port.protocol, port.port, port.appProtocol]));
}

function sliceMeta(owner: SliceOwner, identity: string): ObjectMeta {
  const labels: Record<string, string> = { ...withoutReserved(owner.meta.labels) };
  labels[LABEL_SERVICE_NAME] = owner.meta.name;
  labels[LABEL_MANAGED_BY] = owner.managedBy;
  if (owner.headless) labels[LABEL_HEADLESS] = '';
  const { uid } = owner.meta;
  return {
    name: `${owner.meta.name}-${shortHash(identity)}`,
    namespace: owner.meta.namespace,
    labels,
    annotations: {},
    owners: [{ kind: owner.ownerKind, name: owner.meta.name, controller: true, ...(uid === undefined ? {} : { uid }) }],
  };
}

function withoutReserved(labels: Labels): Labels {
  const { [LABEL_SERVICE_NAME]: _service, [LABEL_MANAGED_BY]: _by, [LABEL_HEADLESS]: _headless, ...rest } = labels;
  return rest;
}

function shortHash(text: string): string {
  return fnv1a(text).toString(36).padStart(7, '0').slice(-7);
}
