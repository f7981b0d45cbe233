import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { SwitchboardError } from '../../errors.ts';
import { type Container, type Pod, quantityValue, type Volume, type VolumeMount } from '../../kube/index.ts';
import { waiting } from '../config/environment.ts';
import { expand, undefinedNames } from '../config/expand-variables.ts';
import type { PodObjects } from '../config/pod-objects.ts';
import type { Mount, VolumeStorage } from '../network.ts';
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

interface Opened {
  readonly volume: Volume;
  readonly folder: string;
}

/** The volumes of a pod as folders of this machine. */
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
      if (!this.#opened.has(volume.name)) this.#opened.set(volume.name, { volume, folder: await this.#folder(volume) });
    }
  }

  /** Brings the files up to date with the objects. Keeps them if an object has gone, as the kubelet does. */
  update(): void {
    for (const { volume, folder } of this.#opened.values()) {
      if (!isFilesSource(volume.source)) continue;
      try {
        this.#write(volume.name, volume.source, folder);
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

  async #folder({ name, source }: Volume): Promise<string> {
    const { storage, hostPaths } = this.#options;
    switch (source.kind) {
      case 'emptyDir': {
        if (source.medium !== 'Memory') return storage.disk(name);
        return storage.memory(name, source.sizeLimit === undefined ? undefined : quantityValue(source.sizeLimit));
      }
      case 'ephemeral':
        return storage.disk(name);
      case 'configMap':
      case 'secret':
      case 'projected':
      case 'downwardAPI': {
        const folder = await storage.memory(name);
        this.#write(name, source, folder);
        return folder;
      }
      case 'hostPath':
        return hostPath(name, source, hostPaths);
      case 'persistentVolumeClaim':
        return this.#claim(source.claimName);
      case 'unsupported':
        throw setUpFailed(name, `volumes of type ${source.type} are not supported here; use an emptyDir or a claim`);
    }
  }

  #write(name: string, source: FilesSource, folder: string): void {
    writePayload(folder, payloadOf(name, source, this.#options.inputs()), new Date());
  }

  #claim(name: string): string {
    const { objects, claims, storage, manifestsOf } = this.#options;
    const { namespace } = this.#pod.meta;
    const claim = objects.claim(namespace, name);
    if (claim === undefined) throw pending(`persistentvolumeclaim "${name}" not found; add it to the inputs`);
    if (claim.spec.volumeMode === 'Block') {
      throw pending(`persistentvolumeclaim "${name}": volumeMode: Block is not supported here; use Filesystem`);
    }
    return claims().open(manifestsOf(namespace, name), namespace, name, storage.instance);
  }
}

function mountOf(mount: VolumeMount, { volume, folder }: Opened, defined: Readonly<Record<string, string>>): Mount {
  const { source } = volume;
  const isFiles = isFilesSource(source);
  const from = subFolder(mount, folder, isFiles, defined);
  const isReadOnly = source.kind === 'persistentVolumeClaim' && source.readOnly;
  return {
    from,
    to: mount.mountPath,
    readOnly: mount.readOnly || isFiles || isReadOnly,
    extensible: source.kind !== 'hostPath',
  };
}

/** The folder of a volume, or the path within it that a container mounts. */
function subFolder(
  mount: VolumeMount,
  folder: string,
  isFiles: boolean,
  defined: Readonly<Record<string, string>>,
): string {
  const [unknown] = undefinedNames(mount.subPathExpr ?? '', defined);
  if (unknown !== undefined) throw waiting(`subPathExpr of the volume ${mount.name}: no variable ${unknown}`);
  const below = mount.subPath ?? (mount.subPathExpr === undefined ? '' : expand(mount.subPathExpr, defined));
  if (below === '') return folder;
  const escapes = waiting(`subPath ${below} of the volume ${mount.name} leads out of the volume`);
  if (below.startsWith('/') || below.split('/').includes('..')) throw escapes;
  const path = join(folder, below);
  if (!existsSync(path)) {
    if (isFiles) throw waiting(`the volume ${mount.name} has no file ${below}, which subPath names`);
    mkdirSync(path, { recursive: true });
  }
  const real = realpathSync(path);
  if (!real.startsWith(`${realpathSync(folder)}/`)) throw escapes;
  return real;
}

function pending(why: string): SwitchboardError {
  return new SwitchboardError('SWB_POD_CONFIG', why);
}
