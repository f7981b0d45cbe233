/**
 * An agent on the node under test that follows a real API server with kube-proxy's configuration: kube-proxy itself, of
 * the version that judges this run, in nftables mode, or `switchboard node` in its place.
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
  /** The agent was started for this profile, and may not have the labels of its node yet. */
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

  /** @param command the program in kube-proxy's place; it gets kube-proxy's `--config FILE` */
  static async of(lab: Lab, command: readonly string[]): Promise<KubeProxy> {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-kube-proxy-'));
    const controlPlane = await startControlPlane({ serviceCidr: CLUSTER.serviceCIDRs.join(',') });
    // The node under test cannot reach the API server by network, so a unix socket connects them: paths are the same in
    // every network namespace. The relay in the node listens on the API server's own address and port.
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

  /** The path of its log, to debug a failure. */
  get log(): string {
    return join(this.#folder, 'kube-proxy.log');
  }

  /** @param kubeconfig the agent's identity; default: an administrator */
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
   * kube-proxy 1.34 adds the handler of its node's labels to an informer that is already running, and may so lose the
   * first labels, and with them all hints, until they change. So they change once it is up.
   */
  async #tellZone(): Promise<void> {
    const profile = this.#unsureOf;
    if (profile === undefined) return;
    this.#unsureOf = undefined;
    await this.#canary.sing();
    await this.#objects.set('', nodeObject(this.#lab, { ...profile, zone: 'elsewhere' }));
    await this.#objects.set('', nodeObject(this.#lab, profile));
  }

  /** Resolves when everything written so far is in effect. */
  async settled(): Promise<void> {
    // kube-proxy deletes stale UDP flows after it has written the rules, in the same sync: the first canary may be seen
    // before that. The second one can be seen only after the sync of the first is over.
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
    // The size of the connection table belongs to the machine, and a namespace cannot set it.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    // Like any other process: when memory is short, the kernel must not spare a test's process.
    oomScoreAdj: 0,
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}
