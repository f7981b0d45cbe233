import { SwitchboardError } from '../errors.ts';
import type { EngineApi } from './api/api.ts';
import { unlessMissing } from './api/engine-error.ts';
import { recordOf, recordsOf, textMapOf, textOf } from './api/fields.ts';
import { hasLabels, labelFilter, type Waiting } from './containers/containers.ts';

export interface VolumeSpec {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly storage: VolumeStorage;
}

/** A tmpfs of an engine is shared by all containers that mount the volume, and gone with the last one. */
export type VolumeStorage =
  | { readonly kind: 'disk' }
  | { readonly kind: 'tmpfs'; readonly sizeBytes?: number; readonly mode: number };

export interface Volume {
  readonly name: string;
  /** Where the engine keeps its files, on the engine's machine. */
  readonly mountpoint: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** tmpfs counts in pages; where they are larger, the limit is too. */
const PAGE_BYTES = 4096;

/** Volumes of an engine. */
export class Volumes {
  readonly #api: EngineApi;

  constructor(api: EngineApi) {
    this.#api = api;
  }

  /**
   * Creates a volume, or returns the one of this name and these labels.
   *
   * @throws SWB_ENGINE if there is a volume of this name with other labels: it belongs to somebody else
   */
  async create({ name, labels, storage }: VolumeSpec, { signal }: Waiting = {}): Promise<Volume> {
    const doing = `create volume ${name}`;
    // Podman refuses a second one of the name, Docker returns the first whatever its labels.
    const existing = await this.inspect(name, { signal });
    if (existing === undefined) {
      const body = { Name: name, Driver: 'local', Labels: labels, DriverOpts: driverOptions(storage) };
      await this.#api.json({ method: 'POST', path: '/volumes/create', body, signal, doing });
    }
    const volume = existing ?? (await this.inspect(name, { signal }));
    if (volume === undefined || !hasLabels(volume.labels, labels)) {
      throw new SwitchboardError('SWB_ENGINE', `cannot ${doing}: there is one of this name that has other labels`);
    }
    return volume;
  }

  /** @returns undefined if there is none */
  async inspect(name: string, { signal }: Waiting = {}): Promise<Volume | undefined> {
    const path = `/volumes/${encodeURIComponent(name)}`;
    const answer = await unlessMissing(
      this.#api.json({ method: 'GET', path, signal, doing: `inspect volume ${name}` }),
    );
    return answer === undefined ? undefined : volumeFrom(recordOf(answer));
  }

  /** Volumes that have all these labels. */
  async list(labels: Readonly<Record<string, string>>, { signal }: Waiting = {}): Promise<readonly Volume[]> {
    const query = { filters: labelFilter(labels) };
    const answer = await this.#api.json({ method: 'GET', path: '/volumes', query, signal, doing: 'list volumes' });
    return recordsOf(recordOf(answer).Volumes)
      .map(volumeFrom)
      .filter(volume => hasLabels(volume.labels, labels));
  }

  /** No error if it is gone. @throws SWB_ENGINE while a container uses it */
  async remove(name: string, { signal }: Waiting = {}): Promise<void> {
    const path = `/volumes/${encodeURIComponent(name)}`;
    await unlessMissing(this.#api.json({ method: 'DELETE', path, signal, doing: `remove volume ${name}` }));
  }
}

function volumeFrom(fields: Readonly<Record<string, unknown>>): Volume {
  return { name: textOf(fields.Name), mountpoint: textOf(fields.Mountpoint), labels: textMapOf(fields.Labels) };
}

function driverOptions(storage: VolumeStorage): Readonly<Record<string, string>> {
  if (storage.kind === 'disk') return {};
  // Not `size`, which Podman 4.3 takes for a quota of the disk and refuses.
  const size = storage.sizeBytes === undefined ? [] : [`nr_blocks=${Math.ceil(storage.sizeBytes / PAGE_BYTES)}`];
  return { type: 'tmpfs', device: 'tmpfs', o: [...size, `mode=${storage.mode.toString(8)}`].join(',') };
}
