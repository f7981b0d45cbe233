/**
 * kube-proxy itself in nftables mode, in a node's namespace, following a real API server. What a sync takes is what it
 * says of itself in its metrics: the time from its own tables to the kernel, without the API server's part.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ControlPlane, startControlPlane } from '../../test/support/control-plane.ts';
import type { Child, Numbers } from './child.ts';
import type { Change } from './churn.ts';
import { NODE_ADDRESS, NODE_NAME, nft, POD_ADDRESSES, type Twin } from './topology.ts';
import { ENDPOINTS, endpointAddress, POD_CIDR, SERVICE_CIDR, serviceAddress } from './world.ts';

const SCRIPT =
  process.env.SWITCHBOARD_CONTROL_PLANE ?? resolve(import.meta.dirname, '../../../shared/control-plane/control-plane');
const AT_ONCE = 16;
const METRICS = 'http://127.0.0.1:10249/metrics';
const POLL_MS = 20;
const WARM_UP = 1;

interface Syncs {
  readonly seconds: number;
  readonly count: number;
  readonly endpointChanges: number;
  /** All that it was told of is in the kernel. */
  readonly settled: boolean;
}

export class KubeProxy {
  readonly #twin: Twin;
  readonly #agent: Child;
  readonly #server: ControlPlane;
  readonly #folder: string;
  readonly #door: Server;
  readonly #binary: string;
  #services = 0;
  #child: ChildProcess | undefined;

  private constructor(twin: Twin, agent: Child, server: ControlPlane, folder: string, door: Server) {
    this.#twin = twin;
    this.#agent = agent;
    this.#server = server;
    this.#folder = folder;
    this.#door = door;
    this.#binary = execFileSync(SCRIPT, ['binary', 'kube-proxy'], { encoding: 'utf8' }).trim();
  }

  /** @param agent of the twin's node */
  static async create(twin: Twin, agent: Child): Promise<KubeProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-bench-'));
    const server = await startControlPlane({ serviceCidr: SERVICE_CIDR });
    const port = Number(/server: "https:\/\/127\.0\.0\.1:(\d+)"/.exec(await readFile(server.kubeconfig, 'utf8'))?.[1]);
    // The API server is out of the namespace's reach; a unix socket leads there, since paths are the same everywhere.
    const door = createServer(socket => {
      const upstream = connect(port, '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      socket.on('error', () => upstream.destroy());
      upstream.on('error', () => socket.destroy());
    });
    const path = join(folder, 'api.sock');
    door.listen(path);
    await once(door, 'listening');
    await agent.ask({ order: 'relay', port, path });
    const proxy = new KubeProxy(twin, agent, server, folder, door);
    await proxy.#must('POST', '/api/v1/namespaces', { metadata: { name: 'bench' } });
    await proxy.#must('POST', '/api/v1/nodes', {
      metadata: { name: NODE_NAME },
      status: { addresses: [{ type: 'InternalIP', address: NODE_ADDRESS }] },
    });
    return proxy;
  }

  get version(): string {
    return execFileSync(this.#binary, ['--version'], { encoding: 'utf8' }).trim().replace('Kubernetes v', '');
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Makes the cluster as large as that in the API server, whatever happened to the Services that are there. */
  async grow(services: number): Promise<void> {
    const created = this.#services;
    const turns = Array.from({ length: services }, (_, service) => service).values();
    await atOnce(async () => {
      for (const service of turns) await this.#make(service, service < created);
    });
    this.#services = services;
  }

  async #make(service: number, exists: boolean): Promise<void> {
    const addresses =
      service === 0 ? POD_ADDRESSES : Array.from({ length: ENDPOINTS }, (_, i) => endpointAddress(service, i));
    if (exists) return await this.#setEndpoints(service, addresses);
    await this.#must('POST', '/api/v1/namespaces/bench/services', {
      metadata: { name: `s${service}` },
      spec: {
        clusterIP: serviceAddress(service),
        ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
      },
    });
    await this.#must('POST', '/apis/discovery.k8s.io/v1/namespaces/bench/endpointslices', {
      metadata: { name: `s${service}`, labels: { 'kubernetes.io/service-name': `s${service}` } },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
      endpoints: endpoints(addresses),
    });
  }

  /** Starts it on an empty table. @returns milliseconds of its first sync; undefined: not within the time */
  async start(limitMs: number): Promise<number | undefined> {
    const config = join(this.#folder, 'config.yaml');
    await writeFile(config, JSON.stringify(configuration(this.#server.kubeconfig)));
    const log = openSync(join(this.#folder, 'kube-proxy.log'), 'a');
    const argv = ['netns', 'exec', this.#twin.node, this.#binary, '--config', config, '-v', '1'];
    this.#child = spawn('ip', argv, { stdio: ['ignore', log, log] });
    for (const until = performance.now() + limitMs; performance.now() < until; ) {
      await sleep(100);
      if (this.#child.exitCode !== null) throw new Error(`kube-proxy ended: ${this.#child.exitCode}`);
      const syncs = await this.#syncs().catch(() => undefined);
      if (syncs !== undefined && syncs.count > 0 && syncs.settled) return syncs.seconds * 1_000;
    }
    await this.stop();
    return undefined;
  }

  /** One after the other until the time is over, the first one thrown away. @returns milliseconds of the syncs that each led to */
  async changes(next: () => Change, count: number, limitMs: number): Promise<number[]> {
    const times: number[] = [];
    const until = performance.now() + limitMs;
    while (times.length < count + WARM_UP && performance.now() < until) {
      const took = await this.apply([next()], limitMs);
      if (took === undefined) break;
      times.push(took);
    }
    return times.slice(WARM_UP);
  }

  /** All changes at once. @returns milliseconds of the syncs that they led to; undefined: not within the time */
  async apply(changes: readonly Change[], limitMs: number): Promise<number | undefined> {
    const before = await this.#syncs();
    const turns = changes.values();
    await atOnce(async () => {
      for (const { service, addresses } of turns) await this.#setEndpoints(service, addresses);
    });
    for (const until = performance.now() + limitMs; performance.now() < until; await sleep(POLL_MS)) {
      const after = await this.#syncs();
      const told = after.endpointChanges - before.endpointChanges >= changes.length;
      if (told && after.settled && after.count > before.count) return (after.seconds - before.seconds) * 1_000;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    nft(this.#twin.node, 'flush ruleset');
  }

  async close(): Promise<void> {
    await this.stop();
    this.#door.close();
    await this.#server.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #syncs(): Promise<Syncs> {
    const metrics = await this.#agent.ask({ order: 'metrics', url: METRICS });
    const of = (name: string) => figure(metrics, name);
    return {
      seconds: of('sync_proxy_rules_duration_seconds_sum'),
      count: of('sync_proxy_rules_duration_seconds_count'),
      endpointChanges: of('sync_proxy_rules_endpoint_changes_total'),
      settled:
        of('sync_proxy_rules_endpoint_changes_pending') === 0 &&
        of('sync_proxy_rules_last_timestamp_seconds') >= of('sync_proxy_rules_last_queued_timestamp_seconds'),
    };
  }

  async #setEndpoints(service: number, addresses: readonly string[]): Promise<void> {
    const path = `/apis/discovery.k8s.io/v1/namespaces/bench/endpointslices/s${service}`;
    await this.#must('PATCH', path, { endpoints: endpoints(addresses) });
  }

  async #must(method: string, path: string, body: unknown): Promise<void> {
    const { status, json } = await this.#server.request(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(json).slice(0, 500)}`);
  }
}

/** Of the IPv4 half, where it tells them apart. */
function figure(metrics: Numbers, name: string): number {
  const full = `kubeproxy_${name}`;
  return metrics[`${full}{ip_family="IPv4"}`] ?? metrics[full] ?? Number.NaN;
}

function endpoints(addresses: readonly string[]) {
  return addresses.map(address => ({ addresses: [address], conditions: { ready: true } }));
}

async function atOnce(worker: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function configuration(kubeconfig: string) {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: NODE_NAME,
    clientConnection: { kubeconfig },
    detectLocalMode: 'ClusterCIDR',
    clusterCIDR: POD_CIDR,
    nodePortAddresses: ['primary'],
    // No full sync by the clock in the middle of what is measured.
    nftables: { masqueradeBit: 14, minSyncPeriod: '10ms', syncPeriod: '1h' },
    // The size of the connection table belongs to the machine and cannot be set in a namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // As any other process: a bench's must not be the last to go when memory is short.
    oomScoreAdj: 0,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}
