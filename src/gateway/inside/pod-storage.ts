import { chmodSync, mkdirSync } from 'node:fs';
import { mkdir, rm, rmdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { VolumeStorage } from '../../pods/index.ts';
import { makeStateFolder, makeUnbindable, mountTmpfs, stateFolder, unmount } from '../../system/index.ts';
import { Mirrors } from './mirrors.ts';

/** The files of an instance's pods: in memory in this process's mount namespace, where nobody else sees them, and on disk. */
export class PodStorage {
  readonly mirrors: Mirrors;
  /** In memory. */
  readonly memory: string;
  readonly #disk: string;
  readonly #instance: number;
  #isOpen = false;

  /**
   * @param folder of this instance
   * @param instance the pid by which the user knows it
   */
  constructor(folder: string, instance: number) {
    this.memory = join(folder, 'volumes');
    this.mirrors = new Mirrors(this.memory);
    this.#disk = basename(folder);
    this.#instance = instance;
  }

  /** Call before anything is stored. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    mkdirSync(this.memory, { recursive: true });
    mountTmpfs(this.memory, { mode: '755' });
    // A copy of this machine's root must not contain the copies that were made before, nor the files of other pods.
    makeUnbindable(this.memory);
  }

  /** Lets go of everything in memory at once, when this process is about to end. */
  abandon(): void {
    if (this.#isOpen) unmount(this.memory);
  }

  /** @param pod a name for it in this instance */
  of(pod: string): VolumeStorage & { close(): Promise<void> } {
    const mounted: string[] = [];
    const disk = () => join(stateFolder(), 'scratch', this.#disk, pod);
    let usesDisk = false;
    return {
      instance: this.#instance,
      memory: async (name, sizeBytes) => {
        const folder = join(this.memory, pod, name);
        await mkdir(folder, { recursive: true });
        if (sizeBytes !== undefined) {
          mountTmpfs(folder, { mode: '777', sizeBytes });
          mounted.push(folder);
        }
        return folder;
      },
      disk: async name => {
        usesDisk = true;
        makeStateFolder();
        const folder = join(disk(), name);
        await mkdir(folder, { recursive: true });
        // Whatever the umask is.
        chmodSync(folder, 0o777);
        return folder;
      },
      close: async () => {
        for (const folder of mounted) unmount(folder);
        await rm(join(this.memory, pod), { recursive: true, force: true });
        if (!usesDisk) return;
        await rm(disk(), { recursive: true, force: true });
        // Fails while another pod has files there.
        for (const folder of [join(disk(), '..'), join(disk(), '../..')]) await rmdir(folder).catch(() => undefined);
      },
    };
  }
}
