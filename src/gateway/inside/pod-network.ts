import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { keyOf, type Pod } from '../../kube/index.ts';
import type { AddressBlock } from '../../net/index.ts';
import { hostnameOf, type Mount, PodAddresses, type PodNetwork, type PodPlace } from '../../pods/index.ts';
import type { Entry } from '../entered.ts';
import { writePodFiles } from './pod-files.ts';
import { PodNamespace } from './pod-namespace.ts';
import { ROUTER_ADDRESS } from './router.ts';

export interface NamespacesOptions {
  /** Turns the root of the namespaces back into the user. */
  readonly isolation: Entry;
  readonly block: AddressBlock;
  /** For the files of pods. */
  readonly folder: string;
  readonly clusterDomain: string;
}

/** Mounts files over others in a mount namespace of its own, then becomes the program. Words: FROM TO MODE ... -- PROGRAM ... */
const MOUNT = `
while [ "$1" != -- ]; do
  mount --bind "$1" "$2" || exit 126
  [ "$3" = rw ] || mount -o remount,bind,ro "$2" || exit 126
  shift 3
done
shift
exec "$@"`;

/** Pods in network namespaces of their own, which this process's network namespace connects. */
export class NamespacesNetwork implements PodNetwork {
  readonly endsAll: boolean;
  readonly #options: NamespacesOptions;
  readonly #addresses: PodAddresses;
  #links = 0;

  constructor(options: NamespacesOptions) {
    this.#options = options;
    this.endsAll = options.isolation.endsAll;
    this.#addresses = new PodAddresses(options.block);
  }

  place(pod: Pod): PodPlace {
    const key = keyOf(pod.meta);
    const { clusterDomain, isolation } = this.#options;
    const ip = pod.spec.hostNetwork ? ROUTER_ADDRESS : this.#addresses.take(key);
    const link = `pod${++this.#links}`;
    const folder = join(this.#options.folder, link);
    let namespace: PodNamespace | undefined;
    let mounts: readonly Mount[] = [];
    let opening: Promise<void> | undefined;
    return {
      ip,
      hostIP: ROUTER_ADDRESS,
      open: () => {
        opening = (async () => {
          mounts = await writePodFiles(folder, pod, ip, clusterDomain);
          if (!pod.spec.hostNetwork) namespace = await PodNamespace.open(hostnameOf(pod), ip, link);
        })();
        return opening;
      },
      command: (words, more) => [
        ...(namespace === undefined ? [] : ['nsenter', `--target=${namespace.pid}`, '--net', '--uts', '--ipc']),
        ...['unshare', '--mount', '--propagation=private', 'sh', '-c', MOUNT, 'sh'],
        ...[...mounts, ...more].flatMap(({ from, to, readOnly }) => [from, to, readOnly ? 'ro' : 'rw']),
        ...['--', ...isolation.become, ...words],
      ],
      close: async () => {
        await opening?.catch(() => undefined);
        await namespace?.close();
        await rm(folder, { recursive: true, force: true });
        this.#addresses.release(key);
      },
    };
  }
}
