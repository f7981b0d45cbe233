import { createHash } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Engine, LABELS, type ObjectOwner, objectName, ownerLabels } from '../engine/index.ts';
import { SwitchboardError } from '../errors.ts';
import type { VolumeStorage } from '../pods/index.ts';
import { CLAIM_LABEL, MANIFESTS_LABEL } from './labels.ts';

export interface PodStorageOptions {
  readonly engine: Engine;
  readonly owner: ObjectOwner;
  readonly namespace: string;
  readonly pod: string;
  /** A folder of this machine that the engine can mount. */
  readonly folder: string;
  /** The pid by which the user knows this instance. */
  readonly instance: number;
}

/** The files of a pod that runs in containers: what is made of objects is in folders here, what it writes in volumes. */
export class PodFiles {
  readonly storage: VolumeStorage;
  /** Volumes that go with the pod, and whether they are new. */
  readonly #own: string[] = [];
  readonly #claims: string[] = [];
  readonly #engine: Engine;
  readonly #folder: string;

  constructor(options: PodStorageOptions) {
    const { engine, owner, namespace, pod, folder, instance } = options;
    this.#engine = engine;
    this.#folder = folder;
    const make = async (name: string): Promise<string> => {
      const path = join(folder, name);
      await mkdir(path, { recursive: true });
      // Whatever the umask is: programs in containers have other users.
      chmodSync(path, 0o755);
      return path;
    };
    this.storage = {
      instance,
      memory: make,
      disk: make,
      engine: {
        empty: async (name, memory) => {
          const volume = objectName(owner.session, [namespace, pod, 'volume', name]);
          const size = memory?.sizeBytes;
          await engine.volumes.create({
            name: volume,
            labels: { ...ownerLabels(owner), [LABELS.namespace]: namespace, [LABELS.pod]: pod },
            storage:
              memory === undefined
                ? { kind: 'disk' }
                : { kind: 'tmpfs', mode: 0o1777, ...(size === undefined ? {} : { sizeBytes: Number(size) }) },
          });
          this.#own.push(volume);
          return volume;
        },
        claim: async (manifests, of, claim) => {
          const volume = claimVolume(manifests, of, claim);
          const labels = { [CLAIM_LABEL]: `${of}/${claim}`, [MANIFESTS_LABEL]: manifests };
          await engine.volumes.create({ name: volume, labels, storage: { kind: 'disk' } });
          this.#claims.push(volume);
          return volume;
        },
      },
    };
  }

  /** Volumes of the engine, those of claims included. */
  get volumes(): readonly string[] {
    return [...this.#own, ...this.#claims];
  }

  /** Removes what goes with the pod. Call when its containers are gone. */
  async close(): Promise<void> {
    for (const volume of this.#own.splice(0)) await this.#engine.volumes.remove(volume).catch(() => undefined);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Two folders with manifests do not share the data of claims of the same name. */
function claimVolume(manifests: string, namespace: string, claim: string): string {
  const project = createHash('sha256').update(manifests).digest('hex').slice(0, 8);
  return objectName(project, [namespace, claim]);
}

/** @throws SWB_POD_CONFIG if the engine is on another machine */
export function checkLocal(endpoint: string): void {
  if (endpoint.startsWith('unix:') || endpoint.startsWith('npipe:')) return;
  const why = `the container engine at ${endpoint} does not see the files of this machine, which volumes need`;
  throw new SwitchboardError('SWB_POD_CONFIG', `CreateContainerConfigError: ${why}`);
}
