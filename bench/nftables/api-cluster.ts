/**
 * A real API server with the Services and slices of a bench, and a relay for nodes in namespaces that cannot reach it
 * by network.
 *
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from '../../testing/child.ts';
import { type ControlPlane, type KubernetesVersion, startControlPlane } from '../../testing/control-plane/index.ts';
import { relayToPort } from '../../testing/relays.ts';
import { NODE_ADDRESS, NODE_NAME, POD_ADDRESSES } from './topology.ts';
import { ENDPOINTS, endpointAddress, SERVICE_CIDR, serviceAddress } from './world.ts';

const AT_ONCE = 16;
const POLL_MS = 50;
const SLICES = '/apis/discovery.k8s.io/v1/namespaces/bench/endpointslices';

export interface EndpointsOfService {
  readonly service: number;
  readonly addresses: readonly string[];
}

export class ApiCluster {
  /** For logs and configuration files; deleted by `close`. */
  readonly folder: string;
  readonly #server: ControlPlane;
  #relay: Server | undefined;
  #services = 0;

  private constructor(server: ControlPlane, folder: string) {
    this.#server = server;
    this.folder = folder;
  }

  /** @param version of Kubernetes; default: the version that judges this run */
  static async create(version?: KubernetesVersion): Promise<ApiCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
    const server = await startControlPlane({
      serviceCidr: SERVICE_CIDR,
      ...(version === undefined ? {} : { version }),
    });
    const cluster = new ApiCluster(server, folder);
    await cluster.#must('POST', '/api/v1/namespaces', { metadata: { name: 'bench' } });
    await cluster.#must('POST', '/api/v1/nodes', {
      metadata: { name: NODE_NAME },
      status: { addresses: [{ type: 'InternalIP', address: NODE_ADDRESS }] },
    });
    return cluster;
  }

  get version(): KubernetesVersion {
    return this.#server.version;
  }

  /** An administrator's kubeconfig; valid on every node after `admit`. */
  get kubeconfig(): string {
    return this.#server.kubeconfig;
  }

  /** @param node the agent of a node's namespace, which then has the API server at its own address and port */
  async admit(node: Child): Promise<void> {
    const { port } = this.#server;
    const path = join(this.folder, 'api.sock');
    // A namespace cannot reach the API server, so a unix socket connects them: paths are the same everywhere.
    this.#relay ??= await relayToPort(path, port);
    await node.ask({ order: 'relay', port, path });
  }

  /** Makes the cluster this large and resets the Services that exist. */
  async grow(services: number): Promise<void> {
    const before = this.#services;
    const existing = Array.from({ length: Math.min(before, services) }, (_, service) => service);
    await this.setAll(existing.map(service => ({ service, addresses: firstEndpoints(service) })));
    const added = Array.from({ length: services - existing.length }, (_, i) => before + i);
    await this.#server.store(added.flatMap(storedObjects));
    this.#services = Math.max(before, services);
    await this.#seen(services);
  }

  async setEndpoints(service: number, addresses: readonly string[]): Promise<void> {
    // A whole object without a version is less work for the API server than a patch.
    await this.#must('PUT', `${SLICES}/s${service}`, sliceOf(service, addresses));
  }

  /** Writes directly to etcd, whose watches notify the API server: leaves out the API server's own work. */
  async storeEndpoints({ service, addresses }: EndpointsOfService): Promise<void> {
    await this.#server.store([storedSlice(service, addresses)]);
  }

  /** All of them, several at a time. */
  async setAll(changes: readonly EndpointsOfService[]): Promise<void> {
    const turns = changes.values();
    await atOnce(async () => {
      for (const { service, addresses } of turns) await this.setEndpoints(service, addresses);
    });
  }

  async close(): Promise<void> {
    this.#relay?.close();
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Waits until the API server reports what was written to its etcd. */
  async #seen(services: number): Promise<void> {
    const last = `${SLICES}/s${services - 1}`;
    for (;;) {
      const { status } = await this.#server.request('GET', `${last}?resourceVersion=0`);
      if (status === 200) return;
      await sleep(POLL_MS);
    }
  }

  async #must(method: string, path: string, body: unknown): Promise<void> {
    const { status, json } = await this.#server.request(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(json).slice(0, 500)}`);
  }
}

/** The endpoints of a Service before any change. */
export function firstEndpoints(service: number): readonly string[] {
  return service === 0 ? POD_ADDRESSES : Array.from({ length: ENDPOINTS }, (_, i) => endpointAddress(service, i));
}

/** A Service, the IPAddress that it holds, and its slice, as the API server stores them. */
function storedObjects(service: number): [key: string, object: unknown][] {
  const name = `s${service}`;
  const address = serviceAddress(service);
  const stored = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...storedMeta(name, service), namespace: 'bench' },
    spec: {
      type: 'ClusterIP',
      clusterIP: address,
      clusterIPs: [address],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
      sessionAffinity: 'None',
      ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
    },
    status: { loadBalancer: {} },
  };
  const holder = {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IPAddress',
    metadata: {
      ...storedMeta(address, service),
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { group: '', resource: 'services', namespace: 'bench', name } },
  };
  return [
    [`services/specs/bench/${name}`, stored],
    [`ipaddresses/${address}`, holder],
    storedSlice(service, firstEndpoints(service)),
  ];
}

function storedSlice(service: number, addresses: readonly string[]): [key: string, object: unknown] {
  const slice = sliceOf(service, addresses);
  const metadata = { ...slice.metadata, ...storedMeta(`s${service}`, service), namespace: 'bench' };
  return [`endpointslices/bench/s${service}`, { ...slice, metadata }];
}

const CREATED = new Date().toISOString();

/** An object keeps its uid and its age, however often it is stored. */
function storedMeta(name: string, service: number) {
  const uid = `00000000-0000-4000-8000-${service.toString(16).padStart(12, '0')}`;
  return { name, uid, creationTimestamp: CREATED, generation: 1 };
}

function sliceOf(service: number, addresses: readonly string[]) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `s${service}`, labels: { 'kubernetes.io/service-name': `s${service}` } },
    addressType: 'IPv4',
    ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
    endpoints: addresses.map(address => ({ addresses: [address], conditions: { ready: true } })),
  };
}

async function atOnce(worker: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
