/**
 * A folder of manifests and the updates of a source that watches it.
 *
 * @module
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ObjectEvent } from '../../src/kube/index.ts';
import { type ManifestOptions, ManifestSource } from '../../src/sources/manifests/index.ts';
import { noticeText, type SourceUpdate } from '../../src/sources/source.ts';

export const OPTIONS: ManifestOptions = {
  recursive: false,
  maxBytes: 100_000,
  primaryFamily: 'IPv4',
  defaultNamespace: 'default',
};

/** A Service as YAML; tests tell versions apart by its port. */
export function service(name: string, port = 80): string {
  return `apiVersion: v1\nkind: Service\nmetadata: { name: ${name} }\nspec: { ports: [{ port: ${port} }] }\n---\n`;
}

/** `web:80` for a Service that is set, `-web` for one that is deleted. */
export function short(events: readonly ObjectEvent[]): string[] {
  return events.map(event => {
    if (event.type === 'delete') return `-${event.name}`;
    const { object } = event;
    return object.kind === 'Service' ? `${object.meta.name}:${object.ports[0]?.port}` : object.meta.name;
  });
}

export class Watched implements AsyncDisposable {
  readonly folder: string;
  readonly updates: SourceUpdate[] = [];
  #source: ManifestSource | undefined;
  #arrived = Promise.withResolvers<void>();

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async in(files: Readonly<Record<string, string>>): Promise<Watched> {
    const watched = new Watched(await mkdtemp(join(tmpdir(), 'switchboard-source-')));
    for (const [name, text] of Object.entries(files)) await watched.write(name, text);
    return watched;
  }

  get source(): ManifestSource {
    if (this.#source === undefined) throw new Error('not loaded');
    return this.#source;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, text: string): Promise<void> {
    await mkdir(dirname(this.path(name)), { recursive: true });
    await writeFile(this.path(name), text);
  }

  /** As most editors save: a new file under another name, renamed over the old one. */
  async replace(name: string, text: string): Promise<void> {
    await this.write(`.${name}.new`, text);
    await rename(this.path(`.${name}.new`), this.path(name));
  }

  /** Loads the folder, or paths in it (a path that starts with / stands for itself), and watches from then on. */
  async start(inputs: readonly string[] = [''], options: Partial<ManifestOptions> = {}): Promise<SourceUpdate> {
    const paths = inputs.map(input => (input.startsWith('/') ? `${this.folder}${input}` : this.path(input)));
    this.#source = new ManifestSource(paths, { ...OPTIONS, ...options });
    const first = await this.#source.load();
    this.#source.watch(update => {
      this.updates.push(update);
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers<void>();
    });
    return first;
  }

  /** Resolves when the updates from `from` on contain all these events. */
  async receives(events: readonly string[], from = 0): Promise<void> {
    while (!events.every(event => this.events(from).includes(event))) await this.#arrived.promise;
  }

  /** Resolves when a notice matches. */
  async reports(pattern: RegExp, from = 0): Promise<void> {
    while (!this.notices(from).some(text => pattern.test(text))) await this.#arrived.promise;
  }

  events(from = 0): string[] {
    return this.updates.slice(from).flatMap(update => short(update.events));
  }

  notices(from = 0): string[] {
    return this.updates.slice(from).flatMap(update => update.notices.map(n => `${n.level} ${noticeText(n)}`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source?.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
