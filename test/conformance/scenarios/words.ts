/**
 * Builders from which scenarios are composed.
 *
 * @module
 */
import { selectedVersion } from '../../../testing/control-plane/index.ts';
import { STANDARD_LAB } from '../../../testing/lab/spec.ts';
import {
  type Exception,
  type Expected,
  type Manifest,
  PLANES,
  type Places,
  type PlaneName,
  type ProfileName,
  type Scenario,
  type ScenarioDial,
  type Source,
  type Step,
} from './model.ts';

/** Fields of a dial. */
export const UDP = { protocol: 'UDP' } as const;
/** Fields of a Service's spec. */
export const SIX = { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' };
export const LOCAL = { externalTrafficPolicy: 'Local' };
export const INTERNAL = { internalTrafficPolicy: 'Local' };

/** A scenario whose addresses are not assigned yet. */
export type Draft = (at: Places) => Scenario;

interface Options {
  readonly profile?: ProfileName;
  /** Why a plane differs. */
  readonly except?: Partial<Record<PlaneName, string | Exception>>;
}

export function scenario(id: string, name: string, steps: (at: Places) => Step | Step[], options: Options = {}): Draft {
  return at => {
    const made = steps(at);
    return {
      id,
      name,
      profile: options.profile ?? 'standard',
      except: exceptions(options.except ?? {}),
      steps: Array.isArray(made) ? made : [made],
    };
  };
}

function exceptions(reasons: Partial<Record<PlaneName, string | Exception>>): Scenario['except'] {
  const except: Partial<Record<PlaneName, Exception>> = {};
  for (const plane of PLANES) {
    const reason = reasons[plane];
    if (reason === undefined) continue;
    const exception: Exception = typeof reason === 'string' ? { why: reason } : reason;
    if (exception.kubernetes?.includes(selectedVersion()) ?? true) except[plane] = exception;
  }
  return except;
}

/** One port: 80, to the port in the slices. */
export const HTTP = [{ port: 80, targetPort: 8080 }];

interface ServiceWords {
  readonly name?: string;
  readonly labels?: Record<string, string>;
  readonly created?: string;
  /** Load-balancer IPs, or entries of status.loadBalancer.ingress. */
  readonly ingress?: readonly (string | Record<string, unknown>)[];
}

/** A Service `web` with one port 80; the spec's fields as in the API, the clusterIP comes first. */
export function service(clusterIP: string, spec: Record<string, unknown> = {}, words: ServiceWords = {}): Manifest {
  const { name = 'web', labels, created, ingress } = words;
  const ips = clusterIP === '' ? {} : { clusterIP, clusterIPs: [clusterIP] };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name,
      ...(labels === undefined ? {} : { labels }),
      ...(created === undefined ? {} : { creationTimestamp: created }),
    },
    spec: { ...ips, ports: HTTP, ...spec },
    ...(ingress === undefined
      ? {}
      : { status: { loadBalancer: { ingress: ingress.map(ip => (typeof ip === 'string' ? { ip } : ip)) } } }),
  };
}

export function nodePort(at: Places, spec: Record<string, unknown> = {}, words: ServiceWords = {}): Manifest {
  const ports = [{ port: 80, targetPort: 8080, nodePort: at.nodePort }];
  return service(at.clusterIP, { type: 'NodePort', ports, ...spec }, words);
}

/** With cluster IP, node port, external IP and load-balancer IP. */
export function balanced(at: Places, spec: Record<string, unknown> = {}, words: ServiceWords = {}): Manifest {
  const ports = [{ port: 80, targetPort: 8080, nodePort: at.nodePort }];
  const all = { type: 'LoadBalancer', externalIPs: [at.external], ports, ...spec };
  return service(at.clusterIP, all, { ingress: [at.lb], ...words });
}

export interface EndpointWords {
  readonly ready?: boolean | null;
  readonly serving?: boolean | null;
  readonly terminating?: boolean | null;
  readonly zone?: string;
  readonly forZones?: readonly string[];
  readonly forNodes?: readonly string[];
  readonly nodeName?: string;
}

interface EndpointOf extends EndpointWords {
  readonly host: string;
}

export function on(host: string, words: EndpointWords = {}): EndpointOf {
  return { host, ...words };
}

export const TERMINATING = { ready: false, serving: true, terminating: true };
/** Terminating and failing its probes. */
export const GONE = { ready: false, serving: false, terminating: true };
export const NOT_READY = { ready: false, serving: false, terminating: false };

interface SliceWords {
  readonly service?: string;
  readonly suffix?: string;
  readonly family?: 'IPv4' | 'IPv6';
  readonly ports?: readonly unknown[];
  readonly labels?: Record<string, string>;
}

/** A slice of Service `web` with one unnamed TCP port 8080. */
export function slice(endpoints: readonly (string | EndpointOf)[], words: SliceWords = {}): Manifest {
  const { service: owner = 'web', suffix = '1', family = 'IPv4', ports = [{ name: '', port: 8080 }], labels } = words;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `${owner}-${suffix}`, labels: { ...labels, 'kubernetes.io/service-name': owner } },
    addressType: family,
    ports: ports.map(port => (isMapping(port) ? { protocol: 'TCP', ...port } : port)),
    endpoints: endpoints.map(one => endpoint(typeof one === 'string' ? on(one) : one, family)),
  };
}

function endpoint(words: EndpointOf, family: 'IPv4' | 'IPv6'): Record<string, unknown> {
  const { host, ready = true, serving, terminating, zone, forZones, forNodes, nodeName = nodeOf(host) } = words;
  const conditions = Object.entries({ ready, serving, terminating }).filter(([, value]) => value !== undefined);
  const hints = {
    ...(forZones === undefined ? {} : { forZones: forZones.map(name => ({ name })) }),
    ...(forNodes === undefined ? {} : { forNodes: forNodes.map(name => ({ name })) }),
  };
  return {
    addresses: [addressOf(host, family)],
    conditions: Object.fromEntries(conditions.filter(([, value]) => value !== null)),
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === undefined ? {} : { zone }),
    ...(forZones === undefined && forNodes === undefined ? {} : { hints }),
  };
}

/** The primary address of a host of the lab. */
export function addressOf(host: string, family: 'IPv4' | 'IPv6' = 'IPv4'): string {
  const hosts: Record<string, readonly string[]> = {};
  for (const node of STANDARD_LAB.nodes) Object.assign(hosts, node.pods, { [node.name]: node.addresses });
  for (const client of STANDARD_LAB.clients) hosts[client.name] = client.addresses;
  const found = hosts[host]?.find(address => address.includes(':') === (family === 'IPv6'));
  if (found === undefined) throw new Error(`no host ${host} with an ${family} address`);
  return found;
}

function nodeOf(host: string): string {
  return STANDARD_LAB.nodes.find(node => node.name === host || Object.hasOwn(node.pods, host))?.name ?? '';
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

type DialWords = Partial<Pick<ScenarioDial, 'source' | 'protocol' | 'sticky' | 'flow' | 'established'>>;

/** `dial('client', at.lb, 80, 'drop')` */
export function dial(from: string, to: string, port: number, expect: Expected, words: DialWords = {}): ScenarioDial {
  return { from, to, port, protocol: 'TCP', expect, ...words };
}

/** `kept('a1', 'b1')`: any of these endpoints on 8080, which see the client's own address. */
export function kept(...endpoints: readonly string[]): Expected {
  return reaches(endpoints, 'kept');
}

/** Any of these endpoints, which see the node's address. */
export function masked(...endpoints: readonly string[]): Expected {
  return reaches(endpoints, 'node');
}

/** Any of these endpoints; the client itself among them sees the node's address, the others see the client's. */
export function hairpin(...endpoints: readonly string[]): Expected {
  return reaches(endpoints, 'hairpin');
}

function reaches(endpoints: readonly string[], source: Source): Expected {
  return { endpoints: endpoints.map(one => (one.includes(':') ? one : `${one}:8080`)), source };
}

export const PRIMARY = addressOf('node1');
export const PRIMARY6 = addressOf('node1', 'IPv6');
export const SECONDARY = '192.0.2.2';
export const SECONDARY6 = 'fd00:c0::2';
/** A load balancer's address that is assigned to the node under test. */
export const OWN_VIP = '203.0.113.250';
