import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOf, type Pod } from '../../kube/index.ts';
import type { AddressBlock } from '../../net/index.ts';
import {
  hostnameOf,
  type Mount,
  PodAddresses,
  type PodNetwork,
  type PodPlace,
  PROCESSES,
  type Runtime,
  runtimeOf,
} from '../../pods/index.ts';
import type { Entered } from '../entered.ts';
import { openView } from './container-view.ts';
import { writePodFiles } from './pod-files.ts';
import { PodNamespace } from './pod-namespace.ts';
import { PodStorage } from './pod-storage.ts';
import { ROUTER_ADDRESS } from './router.ts';

export interface NamespacesOptions {
  readonly entered: Entered;
  readonly block: AddressBlock;
  readonly clusterDomain: string;
}

/** Pods in network namespaces of their own, which this process's network namespace connects. */
export class NamespacesNetwork implements PodNetwork {
  readonly endsAll: boolean;
  readonly #options: NamespacesOptions;
  readonly #addresses: PodAddresses;
  readonly #storage: PodStorage;
  #links = 0;

  constructor(options: NamespacesOptions) {
    this.#options = options;
    const { folder, pid, isolation } = options.entered;
    this.endsAll = isolation.endsAll;
    this.#addresses = new PodAddresses(options.block);
    this.#storage = new PodStorage(folder, pid);
  }

  /** Call before the files of pods are removed while pods still run. */
  abandon(): void {
    this.#storage.abandon();
  }

  runtimeOf(pod: Pod): Runtime | undefined {
    return runtimeOf(pod, PROCESSES);
  }

  place(pod: Pod): PodPlace {
    const key = keyOf(pod.meta);
    const { clusterDomain, entered } = this.#options;
    const ip = pod.spec.hostNetwork ? ROUTER_ADDRESS : this.#addresses.take(key);
    const link = `pod${++this.#links}`;
    const folder = join(entered.folder, link);
    const storage = this.#storage.of(link);
    let namespace: PodNamespace | undefined;
    let files: readonly Mount[] = [];
    let opening: Promise<void> | undefined;
    return {
      ip,
      hostIP: ROUTER_ADDRESS,
      storage,
      open: () => {
        opening = (async () => {
          this.#storage.open();
          files = await writePodFiles(folder, pod, ip, clusterDomain);
          if (!pod.spec.hostNetwork) namespace = await PodNamespace.open(hostnameOf(pod), ip, link);
        })();
        return opening;
      },
      programs: {
        kind: 'processes',
        view: async mounts => {
          const own = new Set(mounts.map(({ to }) => to));
          return openView([...files.filter(({ to }) => !own.has(to)), ...mounts], {
            storage: this.#storage,
            enter: namespace === undefined ? [] : ['nsenter', `--target=${namespace.pid}`, '--net', '--uts', '--ipc'],
            become: entered.isolation.become,
          });
        },
      },
      close: async () => {
        await opening?.catch(() => undefined);
        await namespace?.close();
        await storage.close();
        await rm(folder, { recursive: true, force: true });
        this.#addresses.release(key);
      },
    };
  }
}
