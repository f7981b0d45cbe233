import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { SwitchboardError } from '../../errors.ts';
import { type Container, type Pod, quantityValue, type Volume, type VolumeMount } from '../../kube/index.ts';
import { waiting } from '../config/environment.ts';
import { expand, undefinedNames } from '../config/expand-variables.ts';
import type { PodObjects } from '../config/pod-objects.ts';
import type { VolumeStorage } from '../network.ts';
import type { Mount } from '../program.ts';
import { writePayload } from './atomic-writer.ts';
import type { ClaimStore } from './claim-store.ts';
import { hostPath } from './host-path.ts';
import { type FilesSource, isFilesSource, type PayloadInputs, payloadOf, setUpFailed } from './payload.ts';

export interface VolumesOptions {
  readonly storage: VolumeStorage;
  readonly objects: PodObjects;
  readonly claims: () => ClaimStore;
  /** The folder of the manifest that declares a claim, or the template of it. */
  readonly manifestsOf: (namespace: string, claim: string) => string;
  /** Folders that hostPath volumes may use. */
  readonly hostPaths: readonly string[];
  /** What the files of volumes are made of, for the pod as it is now. */
  readonly inputs: () => PayloadInputs;
}

/** Where the files of a volume are: in a folder of this machine, or in a volume of the engine. */
type Store = { readonly kind: 'folder'; readonly path: string } | { readonly kind: 'engine'; readonly name: string };

interface Opened {
  readonly volume: Volume;
  readonly store: Store;
}

/** The volumes of a pod. */
export class PodVolumes {
  readonly #pod: Pod;
  readonly #options: VolumesOptions;
  readonly #opened = new Map<string, Opened>();

  constructor(pod: Pod, options: VolumesOptions) {
    this.#pod = pod;
    this.#options = options;
  }

  /** Makes what is not made yet. @throws SWB_POD_CONFIG: call again when objects have changed */
  async open(): Promise<void> {
    for (const volume of this.#pod.spec.run?.volumes ?? []) {
      if (!this.#opened.has(volume.name)) this.#opened.set(volume.name, { volume, store: await this.#store(volume) });
    }
  }

  /** Brings the files up to date with the objects. Keeps them if an object has gone, as the kubelet does. */
  update(): void {
    for (const { volume, store } of this.#opened.values()) {
      if (!isFilesSource(volume.source) || store.kind !== 'folder') continue;
      try {
        this.#write(volume.name, volume.source, store.path);
      } catch {
        // The pod keeps the last files.
      }
    }
  }

  /** @param defined what `subPathExpr` may refer to. @throws SWB_POD_CONFIG */
  mountsOf(container: Container, defined: Readonly<Record<string, string>>): Mount[] {
    return (container.run?.volumeMounts ?? []).flatMap(mount => {
      const opened = this.#opened.get(mount.name);
      return opened === undefined ? [] : [mountOf(mount, opened, defined)];
    });
  }

  async #store({ name, source }: Volume): Promise<Store> {
    const { storage, hostPaths } = this.#options;
    switch (source.kind) {
      case 'emptyDir': {
        const limit = source.sizeLimit === undefined ? undefined : quantityValue(source.sizeLimit);
        if (source.medium !== 'Memory') return this.#empty(name);
        if (storage.engine === undefined) return folder(await storage.memory(name, limit));
        return engineVolume(await storage.engine.empty(name, limit === undefined ? {} : { sizeBytes: limit }));
      }
      case 'ephemeral':
        return this.#empty(name);
      case 'configMap':
      case 'secret':
      case 'projected':
      case 'downwardAPI': {
        const path = await storage.memory(name);
        this.#write(name, source, path);
        return folder(path);
      }
      case 'hostPath':
        return folder(hostPath(name, source, hostPaths));
      case 'persistentVolumeClaim':
        return this.#claim(source.claimName);
      case 'unsupported':
        throw setUpFailed(name, `volumes of type ${source.type} are not supported here; use an emptyDir or a claim`);
    }
  }

  async #empty(name: string): Promise<Store> {
    const { storage } = this.#options;
    return storage.engine === undefined
      ? folder(await storage.disk(name))
      : engineVolume(await storage.engine.empty(name));
  }

  #write(name: string, source: FilesSource, folder: string): void {
    writePayload(folder, payloadOf(name, source, this.#options.inputs()), new Date());
  }

  async #claim(name: string): Promise<Store> {
    const { objects, claims, storage, manifestsOf } = this.#options;
    const { namespace } = this.#pod.meta;
    const claim = objects.claim(namespace, name);
    if (claim === undefined) throw pending(`persistentvolumeclaim "${name}" not found; add it to the inputs`);
    if (claim.spec.volumeMode === 'Block') {
      throw pending(`persistentvolumeclaim "${name}": volumeMode: Block is not supported here; use Filesystem`);
    }
    const manifests = manifestsOf(namespace, name);
    return storage.engine === undefined
      ? folder(claims().open(manifests, namespace, name, storage.instance))
      : engineVolume(await storage.engine.claim(manifests, namespace, name));
  }
}

function folder(path: string): Store {
  return { kind: 'folder', path };
}

function engineVolume(name: string): Store {
  return { kind: 'engine', name };
}

function mountOf(mount: VolumeMount, { volume, store }: Opened, defined: Readonly<Record<string, string>>): Mount {
  const { source } = volume;
  const isFiles = isFilesSource(source);
  const below = subPath(mount, defined);
  const isReadOnly = source.kind === 'persistentVolumeClaim' && source.readOnly;
  return {
    ...(store.kind === 'engine'
      ? { from: below, volume: store.name }
      : { from: subFolder(mount.name, store.path, below, isFiles) }),
    to: mount.mountPath,
    readOnly: mount.readOnly || isFiles || isReadOnly,
    extensible: source.kind !== 'hostPath',
  };
}

/** The path within a volume that a container mounts; empty: all of it. */
function subPath(mount: VolumeMount, defined: Readonly<Record<string, string>>): string {
  const [unknown] = undefinedNames(mount.subPathExpr ?? '', defined);
  if (unknown !== undefined) throw waiting(`subPathExpr of the volume ${mount.name}: no variable ${unknown}`);
  const below = mount.subPath ?? (mount.subPathExpr === undefined ? '' : expand(mount.subPathExpr, defined));
  if (below.startsWith('/') || below.split('/').includes('..')) throw leadsOut(mount.name, below);
  return below;
}

function subFolder(volume: string, root: string, below: string, isFiles: boolean): string {
  if (below === '') return root;
  const path = join(root, below);
  if (!existsSync(path)) {
    if (isFiles) throw waiting(`the volume ${volume} has no file ${below}, which subPath names`);
    mkdirSync(path, { recursive: true });
  }
  const real = realpathSync(path);
  if (!real.startsWith(`${realpathSync(root)}/`)) throw leadsOut(volume, below);
  return real;
}

function leadsOut(volume: string, below: string): SwitchboardError {
  return waiting(`subPath ${below} of the volume ${volume} leads out of the volume`);
}

function pending(why: string): SwitchboardError {
  return new SwitchboardError('SWB_POD_CONFIG', why);
}
