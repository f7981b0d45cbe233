import { resolve } from 'node:path';
import { type ConfigMap, keyOf, type ObjectEvent, type Pod } from '../kube/objects.ts';
import { PodAddresses } from './addresses.ts';
import type { LocalPods } from './local-pods.ts';
import { OrphanGuard } from './orphan-guard.ts';
import { PodRun } from './pod-run.ts';
import { mayStart, mayStop } from './rollout.ts';
import { type DialledService, serviceEnvironment } from './service-env.ts';

export interface RunnerOptions {
  /** Pod set with its status, or deleted when its last process has ended. */
  readonly report: (events: readonly ObjectEvent[]) => void;
  readonly onLine: (pod: Pod, container: string, line: string) => void;
  readonly onNotice: (pod: Pod, container: string, text: string) => void;
  /** The Services of a namespace, as they can be dialled now. */
  readonly services: (namespace: string) => readonly DialledService[];
  /** The folder of the manifest that a pod comes from. */
  readonly directoryOf: (pod: Pod) => string;
}

/** Runs every pod whose containers all give a command, as the kubelet and the workload controllers would. */
export class LocalPodRunner implements LocalPods {
  readonly #options: RunnerOptions;
  readonly #wanted = new Map<string, Pod>();
  readonly #runs = new Map<string, PodRun>();
  /** Pods that were run here and are to be somebody else's as soon as they have ended. */
  readonly #elsewhere = new Map<string, Pod>();
  readonly #configMaps = new Map<string, ConfigMap>();
  readonly #addresses = new PodAddresses();
  readonly #guard = new OrphanGuard();
  #closing = false;
  #settling = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  apply(events: readonly ObjectEvent[]): ObjectEvent[] {
    const passed: ObjectEvent[] = [];
    for (const event of events) if (!this.#take(event)) passed.push(event);
    this.#settle();
    return passed;
  }

  async close(): Promise<void> {
    const grace = this.#closing ? 0 : undefined;
    this.#closing = true;
    await Promise.all([...this.#runs.values()].map(run => run.stop(grace)));
    this.#guard.close();
  }

  /** @returns whether the event is ours, and not to be passed on */
  #take(event: ObjectEvent): boolean {
    if (event.type === 'set') {
      const { object } = event;
      if (object.kind === 'ConfigMap') this.#configMaps.set(keyOf(object.meta), object);
      if (object.kind !== 'Pod') return false;
      const key = keyOf(object.meta);
      if (!isRunnable(object)) {
        this.#wanted.delete(key);
        if (!this.#runs.has(key)) return false;
        this.#elsewhere.set(key, object);
        return true;
      }
      this.#elsewhere.delete(key);
      this.#wanted.set(key, object);
      return true;
    }
    if (event.kind === 'ConfigMap') this.#configMaps.delete(keyOf(event));
    if (event.kind !== 'Pod') return false;
    this.#wanted.delete(keyOf(event));
    this.#elsewhere.delete(keyOf(event));
    return this.#runs.has(keyOf(event));
  }

  /** Starts and stops what may be started and stopped now; called again whenever a pod's state changes. */
  #settle(): void {
    if (this.#settling || this.#closing) return;
    this.#settling = true;
    // Later, so that the status of a pod that is made here is reported after the events that asked for it.
    queueMicrotask(() => {
      this.#settling = false;
      if (this.#closing) return;
      for (const key of mayStop(this.#wanted, this.#runs)) this.#stop(key);
      for (const key of mayStart(this.#wanted, this.#runs)) this.#start(key);
      for (const [key, run] of this.#runs) {
        const pod = this.#wanted.get(key);
        if (pod !== undefined && !run.terminating && JSON.stringify(pod.spec) === JSON.stringify(run.spec))
          run.rename(pod);
      }
    });
  }

  #start(key: string): void {
    const pod = this.#wanted.get(key);
    if (pod === undefined) return;
    const podIP = pod.spec.hostNetwork ? '127.0.0.1' : this.#addresses.take(key);
    const variables = pod.spec.enableServiceLinks ? serviceEnvironment(this.#options.services(pod.meta.namespace)) : {};
    const run = new PodRun(pod, {
      podIP,
      directory: this.#options.directoryOf(pod),
      serviceVariables: variables,
      configMap: (namespace, name) => this.#configMaps.get(`${namespace}/${name}`),
      guard: this.#guard,
      onLine: this.#options.onLine,
      onNotice: this.#options.onNotice,
      resolvePath: resolve,
      onStatus: () => {
        if (this.#runs.get(key) !== run) return;
        this.#options.report([{ type: 'set', object: run.current }]);
        this.#settle();
      },
    });
    this.#runs.set(key, run);
    this.#options.report([{ type: 'set', object: run.current }]);
    void run.start();
  }

  #stop(key: string): void {
    const run = this.#runs.get(key);
    if (run === undefined) return;
    void run.retire().then(() => {
      this.#runs.delete(key);
      this.#addresses.release(key);
      const { namespace, name } = run.current.meta;
      const heir = this.#elsewhere.get(key);
      this.#elsewhere.delete(key);
      this.#options.report([heir ? { type: 'set', object: heir } : { type: 'delete', kind: 'Pod', namespace, name }]);
      this.#settle();
    });
  }
}

/** A pod that has an address already runs somewhere else; one without a command would need its image. */
export function isRunnable(pod: Pod): boolean {
  const { containers, initContainers } = pod.spec;
  return (
    pod.status.podIPs.length === 0 &&
    pod.status.phase === 'Pending' &&
    containers.length > 0 &&
    [...containers, ...initContainers].every(container => container.command.length > 0)
  );
}
