/**
 * An agent on the node under test that follows a real API server and is configured as kube-proxy is: kube-proxy itself,
 * of the version that judges this run, in nftables mode, or `switchboard node` in its place.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type ControlPlane,
  judgePath,
  selectedVersion,
  startControlPlane,
} from '../../../testing/control-plane/index.ts';
import type { Lab } from '../../../testing/lab/lab.ts';
import { relayToPort } from '../../../testing/relays.ts';
import { CLUSTER, namespaceOf, PROFILES, type Profile, type ProfileName } from '../scenarios/index.ts';
import { ApiObjects } from './api-objects.ts';
import { Canary } from './canary.ts';
import { podRanges } from './engine.ts';
import type { NodeProxy, StepOf } from './packets.ts';

const NAMESPACES_AT_ONCE = 8;

export class KubeProxy implements NodeProxy, AsyncDisposable {
  readonly #lab: Lab;
  readonly #controlPlane: ControlPlane;
  readonly #objects: ApiObjects;
  readonly #canary: Canary;
  readonly #command: readonly string[];
  readonly #folder: string;
  readonly #relay: Server;
  #child: ChildProcess | undefined;
  /** It has been started for this, and may not know the labels of its node. */
  #unsureOf: Profile | undefined;

  private constructor(lab: Lab, controlPlane: ControlPlane, command: readonly string[], folder: string, relay: Server) {
    this.#lab = lab;
    this.#controlPlane = controlPlane;
    this.#objects = new ApiObjects(controlPlane);
    this.#canary = new Canary(lab, this.#objects);
    this.#command = command;
    this.#folder = folder;
    this.#relay = relay;
  }

  static async create(lab: Lab): Promise<KubeProxy> {
    return KubeProxy.of(lab, [judgePath('kube-proxy', selectedVersion()), '-v', '2']);
  }

  /** @param command what takes kube-proxy's place; it gets kube-proxy's `--config FILE` */
  static async of(lab: Lab, command: readonly string[]): Promise<KubeProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-kube-proxy-'));
    const controlPlane = await startControlPlane({ serviceCidr: CLUSTER.serviceCIDRs.join(',') });
    // The API server listens where the node under test cannot reach it, so a unix socket leads there: paths are the
    // same in every network namespace. The relay in the node has the API server's own address and port.
    const path = join(folder, 'api.sock');
    const relay = await relayToPort(path, controlPlane.port);
    await lab.node.relay(controlPlane.port, path);
    const proxy = new KubeProxy(lab, controlPlane, command, folder, relay);
    await proxy.#canary.create();
    return proxy;
  }

  get objects(): ApiObjects {
    return this.#objects;
  }

  get controlPlane(): ControlPlane {
    return this.#controlPlane;
  }

  /** The running agent; undefined between `stop` and `start`. */
  get child(): ChildProcess | undefined {
    return this.#child;
  }

  /** Where its log is, for who has to find out why. */
  get log(): string {
    return join(this.#folder, 'kube-proxy.log');
  }

  /** @param kubeconfig as whom it asks; default: an administrator */
  async start(profileName: ProfileName, kubeconfig = this.#controlPlane.kubeconfig): Promise<void> {
    const profile: Profile = PROFILES[profileName];
    await this.#objects.set('', nodeObject(this.#lab, profile));
    const config = join(this.#folder, 'config.yaml');
    await writeFile(config, JSON.stringify(configuration(this.#lab, profile, kubeconfig)));
    const log = openSync(this.log, 'a');
    this.#child = this.#lab.node.spawn([...this.#command, '--config', config], ['ignore', log, log]);
    this.#unsureOf = profile;
  }

  async apply(steps: readonly StepOf[]): Promise<void> {
    await this.#tellZone();
    const turns = steps.values();
    const worker = async (): Promise<void> => {
      for (const { scenario, step } of turns) await this.#objects.apply(namespaceOf(scenario), step);
    };
    await Promise.all(Array.from({ length: NAMESPACES_AT_ONCE }, worker));
    await this.settled();
  }

  /**
   * kube-proxy 1.34 adds the handler of its node's labels to an informer that runs already, and may lose the first
   * ones so, and with them all hints, until they change. So they do, once it is up.
   */
  async #tellZone(): Promise<void> {
    const profile = this.#unsureOf;
    if (profile === undefined) return;
    this.#unsureOf = undefined;
    await this.#canary.sing();
    await this.#objects.set('', nodeObject(this.#lab, { ...profile, zone: 'elsewhere' }));
    await this.#objects.set('', nodeObject(this.#lab, profile));
  }

  /** Resolves when all that was written before is in force. */
  async settled(): Promise<void> {
    // kube-proxy ends stale UDP flows after it has written the rules, in the same sync: what the first song shows may
    // be ahead of that. The second song can be heard only once the sync of the first is over.
    await this.#canary.sing();
    await this.#canary.sing();
  }

  async stop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    await this.#lab.node.must(['nft', 'flush', 'ruleset']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.#relay.close();
    await this.#controlPlane.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function nodeObject(lab: Lab, profile: Profile) {
  const [spec] = lab.spec.nodes;
  const addresses = [lab.node.address('IPv4'), lab.node.address('IPv6')];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: lab.node.name, labels: { 'topology.kubernetes.io/zone': profile.zone } },
    spec: { podCIDR: spec?.podCIDRs[0], podCIDRs: spec?.podCIDRs },
    status: { addresses: addresses.map(address => ({ type: 'InternalIP', address })) },
  };
}

function configuration(lab: Lab, profile: Profile, kubeconfig: string) {
  const byPrefix = profile.detector === 'interfacePrefix';
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    hostnameOverride: lab.node.name,
    clientConnection: { kubeconfig },
    detectLocalMode: byPrefix ? 'InterfaceNamePrefix' : profile.detector === 'nodeCIDR' ? 'NodeCIDR' : 'ClusterCIDR',
    clusterCIDR: profile.detector === 'clusterCIDR' ? podRanges(profile).join(',') : '',
    ...(byPrefix ? { detectLocal: { interfaceNamePrefix: CLUSTER.interfacePrefix } } : {}),
    nodePortAddresses: profile.nodePortAddresses === 'primary' ? ['primary'] : profile.nodePortAddresses,
    nftables: { masqueradeAll: profile.masqueradeAll, masqueradeBit: 14, minSyncPeriod: '10ms', syncPeriod: '30s' },
    // The size of the connection table belongs to the machine and cannot be set in a namespace.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // As any other process: a test's must not be the last to go when memory is short.
    oomScoreAdj: 0,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}
