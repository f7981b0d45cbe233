import { SwitchboardError } from '../errors.ts';
import type { WorkloadKind } from '../kube/index.ts';
import { canonicalAddress, PROTOCOLS, type Protocol } from '../net/index.ts';

/** The target of a question. */
export type Target =
  | { readonly kind: 'service'; readonly namespace?: string; readonly name: string; readonly port?: string }
  | { readonly kind: 'address'; readonly address: string; readonly port: number; readonly protocol: Protocol }
  | { readonly kind: 'node'; readonly name: string; readonly port: number; readonly protocol: Protocol }
  | { readonly kind: 'pod'; readonly namespace?: string; readonly name: string }
  | { readonly kind: 'workload'; readonly namespace?: string; readonly name: string; readonly workload: WorkloadKind };

const WORKLOADS: Readonly<Record<string, WorkloadKind>> = {
  deploy: 'Deployment',
  deployment: 'Deployment',
  sts: 'StatefulSet',
  statefulset: 'StatefulSet',
  rs: 'ReplicaSet',
  replicaset: 'ReplicaSet',
  ds: 'DaemonSet',
  daemonset: 'DaemonSet',
  rc: 'ReplicationController',
  replicationcontroller: 'ReplicationController',
};
const TYPED = new RegExp(
  `^(svc|services?|po|pods?|${Object.keys(WORKLOADS).join('|')})/(?:([a-z0-9-]+)/)?([a-z0-9.-]+)(?::([\\w-]+))?$`,
  'i',
);
const FORMS = 'svc/web:80, web.shop:http, http://web.shop/, 10.96.0.10:53/UDP, node-1:30080, deploy/web or pod/web-0';
const URL_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' };

/**
 * Reads `svc/web`, `svc/web:http`, `web.shop:80`, `web.shop.svc.cluster.local:http`, `http://web.shop/`,
 * `10.96.0.10:53/UDP`, `[fd00::1]:80`, `node-1:30080`, `deploy/web`, `pod/web-0`. TYPE/ may be followed by `namespace/`.
 *
 * @param nodes names of Node objects: `node-1:30080` is a node port only if such a node exists
 * @throws SWB_USAGE
 */
export function parseTarget(text: string, nodes: ReadonlySet<string> = new Set()): Target {
  const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]+)/i.exec(text);
  if (url?.[1] !== undefined && url[2] !== undefined) {
    const host = url[2].replace(/^.*@/, '');
    const port = URL_PORTS[url[1].toLowerCase()];
    return parseTarget(/:[^:\]]+$/.test(host) || port === undefined ? host : `${host}:${port}`, nodes);
  }
  const typed = TYPED.exec(text);
  if (typed?.[1] !== undefined && typed[3] !== undefined) {
    const type = typed[1].toLowerCase();
    const common = { ...(typed[2] === undefined ? {} : { namespace: typed[2] }), name: typed[3] };
    const workload = WORKLOADS[type];
    if (workload !== undefined) return { kind: 'workload', ...common, workload };
    if (type.startsWith('po')) return { kind: 'pod', ...common };
    return { kind: 'service', ...common, ...(typed[4] === undefined ? {} : { port: typed[4] }) };
  }
  const address = parseAddress(text);
  if (address !== undefined) return { kind: 'address', ...address };
  const named =
    /^([a-z0-9-]+)(?:\.([a-z0-9-]+)(?:\.svc(?:\.[a-z0-9.-]+)?)?)?\.?(?::([\w-]+))?(?:\/(TCP|UDP|SCTP))?$/i.exec(text);
  const [, name, namespace, port, protocol] = named ?? [];
  if (name === undefined) throw new SwitchboardError('SWB_USAGE', `"${text}" is not a target; write it as ${FORMS}`);
  if (namespace === undefined && port !== undefined && /^\d+$/.test(port) && nodes.has(name)) {
    return { kind: 'node', name, port: Number(port), protocol: protocolOf(protocol) };
  }
  return { kind: 'service', name, ...(namespace ? { namespace } : {}), ...(port ? { port } : {}) };
}

/**
 * Parses `10.96.0.10:80`, `[fd00::1]:53/UDP`; the default protocol is TCP.
 *
 * @returns undefined if it is not an address with a port
 */
export function parseAddress(text: string): { address: string; port: number; protocol: Protocol } | undefined {
  const match = /^(?:\[([^\]]+)\]|([\d.]+)):(\d{1,5})(?:\/(\w+))?$/.exec(text);
  const address = canonicalAddress(match?.[1] ?? match?.[2] ?? '');
  const port = Number(match?.[3]);
  const protocol = PROTOCOLS.find(known => known === (match?.[4] ?? 'TCP').toUpperCase());
  if (address === undefined || protocol === undefined || !(port >= 1 && port <= 65535)) return undefined;
  return { address, port, protocol };
}

function protocolOf(text: string | undefined): Protocol {
  return PROTOCOLS.find(known => known === text?.toUpperCase()) ?? 'TCP';
}
