/**
 * Which folder of `src/` may import which. This is the only place that states it: `npm run check` holds that biome.json,
 * which enforces it, has been made from this table (`node scripts/import-rules.ts --write`).
 *
 * @module
 */

export interface FolderRule {
  /** Folders that it may import; none of them imports it, directly or by way of others. */
  readonly may: readonly string[];
  /** Pure code does no I/O: no Node.js modules, no logs, no terminal. */
  readonly pure?: true;
  /** Parts of other folders that it may import: folders or files. */
  readonly also?: readonly string[];
  /** Files of an allowed folder that it may not import all the same. */
  readonly not?: readonly string[];
  /** Shown with the error. */
  readonly why: string;
}

const ONE_WAY =
  'imports point one way: cli -> node | up -> sources, pods, planes, dns -> routing -> endpoints -> world -> kube -> net, data';
const PURE =
  'the core (data, net, kube, world, endpoints, routing) is pure: no files, sockets, processes, clocks or logs';

export const PURE_MESSAGE = PURE;

/** From the ground up. */
export const IMPORT_TABLE: Readonly<Record<string, FolderRule>> = {
  data: { may: [], pure: true, why: ONE_WAY },
  net: { may: [], pure: true, why: ONE_WAY },
  kube: { may: ['data', 'net'], pure: true, why: ONE_WAY },
  world: { may: ['data', 'net', 'kube'], pure: true, why: ONE_WAY },
  endpoints: { may: ['data', 'net', 'kube', 'world'], pure: true, why: ONE_WAY },
  routing: { may: ['data', 'net', 'kube', 'world', 'endpoints'], pure: true, why: ONE_WAY },
  scheduling: { may: [], why: 'queues and delays do not depend on what they run' },
  system: { may: ['data', 'net'], why: 'the system folder does not depend on Services' },
  link: { may: ['data', 'net', 'system'], why: 'a link carries what it gets and does not depend on pods or routes' },
  engine: {
    may: ['data', 'net', 'scheduling', 'system'],
    also: ['kube/image.ts'],
    why: 'the client of a container engine does not depend on pods or Services',
  },
  probe: { may: ['data', 'net', 'system'], why: 'a probe dials what it gets and does not depend on routes' },
  sources: { may: ['data', 'net', 'kube', 'scheduling', 'system'], why: ONE_WAY },
  pods: { may: ['data', 'net', 'kube', 'world', 'endpoints', 'scheduling', 'system'], why: ONE_WAY },
  'pod-containers': {
    may: ['data', 'net', 'kube', 'scheduling', 'system', 'pods', 'engine'],
    why: 'pods in containers need the engine and what pods are, and do not depend on routes',
  },
  planes: {
    may: ['data', 'net', 'routing', 'scheduling', 'system'],
    why: 'a plane gets RouteChange and never a Kubernetes object',
  },
  dns: {
    may: ['data', 'net', 'kube', 'world', 'endpoints', 'routing', 'scheduling', 'system'],
    why: 'DNS reads the world and the routes, and does not depend on what makes them',
  },
  run: {
    may: ['data', 'net', 'system'],
    why: 'a command and its proxy get what they need and do not depend on routes',
  },
  'resolver-setup': {
    may: ['net', 'system'],
    why: 'the setup of a resolver does not depend on the server it points to',
  },
  doctor: {
    may: ['data', 'net', 'system', 'resolver-setup'],
    why: 'the doctor asks as any program does, and does not depend on routes',
  },
  explain: { may: ['data', 'net', 'kube', 'world', 'endpoints', 'routing', 'pods', 'probe'], why: ONE_WAY },
  lint: {
    may: ['data', 'net', 'kube', 'world', 'endpoints', 'routing', 'pods', 'sources'],
    also: ['explain/words'],
    why: ONE_WAY,
  },
  diff: {
    may: ['data', 'net', 'kube', 'world', 'endpoints', 'routing'],
    also: ['explain/words'],
    pure: true,
    why: ONE_WAY,
  },
  admin: { may: ['data', 'net', 'kube', 'world', 'routing', 'planes', 'system'], why: ONE_WAY },
  node: {
    may: ['data', 'net', 'kube', 'world', 'routing', 'sources', 'planes', 'dns', 'scheduling', 'system'],
    not: ['sources/manifests/index.ts'],
    why: 'the agent joins a cluster, routes and the kernel, and reads nothing else',
  },
  gateway: {
    may: [
      'data',
      'net',
      'kube',
      'world',
      'endpoints',
      'routing',
      'scheduling',
      'planes',
      'pods',
      'run',
      'system',
      'link',
      'engine',
    ],
    why: 'the gateway makes networks for pods, and does not depend on what makes objects',
  },
  up: {
    may: [
      'data',
      'net',
      'kube',
      'world',
      'endpoints',
      'routing',
      'sources',
      'pods',
      'planes',
      'dns',
      'scheduling',
      'system',
    ],
    why: ONE_WAY,
  },
};
