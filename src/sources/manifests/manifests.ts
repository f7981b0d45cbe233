import { messageOf, SwitchboardError } from '../../errors.ts';
import type { KubeObject, ObjectEvent, ReadOptions } from '../../kube/index.ts';
import { type DocumentCache, type Manifest, type PlacedFault, parseManifest } from '../../kube/manifest/index.ts';
import { Serial } from '../../scheduling/index.ts';
import type { Notice, SourceUpdate } from '../source.ts';
import { type FoundFile, findFiles, isGone, readManifestFile, readStream } from './files.ts';
import { PathWatcher } from './watcher.ts';

export interface ManifestOptions extends ReadOptions {
  readonly recursive: boolean;
  readonly maxBytes: number;
  readonly stdin?: AsyncIterable<Buffer | string>;
}

/** How long a missing or empty file keeps its objects. */
const GONE_GRACE_MS = 100;

interface LoadedFile {
  readonly path: string;
  /** Index of the input that contains it. */
  readonly input: number;
  stamp: string;
  readonly cache: DocumentCache;
  /** The last content without faults. */
  lastValid: Manifest | undefined;
  /** Of the current content. */
  notices: Notice[];
  /** Why it could not be read in the last scan. */
  unreadable: string | undefined;
}

interface PlacedObject {
  readonly object: KubeObject;
  /** `file:line:col` */
  readonly where: () => string;
}

/**
 * Manifests from files, folders and standard input, kept up to date. If a file cannot be read or is invalid, its last
 * valid content stays in use and a notice reports it; other files are not affected.
 */
export class ManifestSource {
  readonly #inputs: readonly string[];
  readonly #options: ManifestOptions;
  readonly #files = new Map<string, LoadedFile>();
  #objects = new Map<string, PlacedObject>();
  #watcher: PathWatcher | undefined;
  readonly #rescans = new Serial();
  readonly #missing = new Set<string>();
  /** Inputs that exist but could not be read in the last scan. */
  readonly #unreadable = new Set<string>();
  readonly #goneSince = new Map<string, number>();

  constructor(inputs: readonly string[], options: ManifestOptions) {
    this.#inputs = [...new Set(inputs)];
    this.#options = options;
  }

  /** Kinds that Switchboard does not use, with the number of skipped objects. */
  get skipped(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const file of this.#files.values()) {
      for (const [kind, count] of file.lastValid?.skipped ?? []) counts.set(kind, (counts.get(kind) ?? 0) + count);
    }
    return counts;
  }

  /** `file:line:col` of an object; undefined if it is not among the inputs. */
  whereIs(kind: string, namespace: string, name: string): string | undefined {
    return this.#objects.get(`${kind} ${namespace}/${name}`)?.where();
  }

  /** The file that holds an object; undefined for standard input. */
  fileOf(kind: string, namespace: string, name: string): string | undefined {
    const file = this.whereIs(kind, namespace, name)?.replace(/:\d+:\d+$/, '');
    return file === 'stdin' ? undefined : file;
  }

  /**
   * Reads all inputs for the first time. Returns faults as notices, and objects without faults as events.
   *
   * @throws SWB_INPUT_NOT_FOUND, SWB_INPUT_TOO_LARGE
   */
  async load(): Promise<SourceUpdate> {
    for (const [index, input] of this.#inputs.entries()) {
      if (input === '-') {
        const stream = this.#options.stdin;
        const text = stream === undefined ? '' : await readStream(stream, this.#options.maxBytes);
        this.#parse(this.#fileAt('-', index), '', text);
      } else for (const file of await findFiles(input, this.#options.recursive)) await this.#read(file, index);
    }
    return this.#update([...this.#files.values()]);
  }

  /** Reports every change from now on, until `close`. */
  watch(listener: (update: SourceUpdate) => void): void {
    if (this.#watcher !== undefined || this.#inputs.every(input => input === '-')) return;
    this.#watcher = new PathWatcher(() => {
      void this.#rescans.run(() => this.#rescan(listener));
    });
    this.#watcher.watch(this.#watchPaths());
  }

  async close(): Promise<void> {
    this.#watcher?.close();
    this.#watcher = undefined;
    await this.#rescans.idle();
  }

  async #rescan(listener: (update: SourceUpdate) => void): Promise<void> {
    const changed: LoadedFile[] = [];
    const notices: Notice[] = [];
    const present = new Set<string>();
    for (const [index, input] of this.#inputs.entries()) {
      if (input === '-') {
        present.add('-');
        continue;
      }
      try {
        for (const file of await findFiles(input, this.#options.recursive)) {
          if (file.bytes === 0 && this.#mayComeBack(file.path)) {
            present.add(file.path);
            continue;
          }
          present.add(file.path);
          if (file.bytes > 0) this.#goneSince.delete(file.path);
          if (this.#files.get(file.path)?.stamp === file.stamp) continue;
          const read = await this.#read(file, index);
          if (read !== undefined) changed.push(read);
        }
        this.#missing.delete(input);
        this.#unreadable.delete(input);
        if (!present.has(input)) this.#goneSince.delete(input);
      } catch (error) {
        if (!isGone(error)) {
          for (const file of this.#files.values()) if (file.input === index) present.add(file.path);
          if (this.#unreadable.has(input)) continue;
          this.#unreadable.add(input);
          notices.push(plainNotice('warning', input, messageOf(error), 'its objects stay in use; Switchboard retries'));
          continue;
        }
        if (this.#missing.has(input) || this.#mayComeBack(input)) continue;
        this.#missing.add(input);
        notices.push(plainNotice('warning', input, messageOf(error), 'its objects are removed until it is back'));
      }
    }
    const gone = [...this.#files.keys()].filter(path => !present.has(path) && !this.#mayComeBack(path));
    for (const path of gone) {
      this.#files.delete(path);
      this.#goneSince.delete(path);
    }
    if (this.#watcher === undefined) return;
    this.#watcher.watch(this.#watchPaths());
    if (changed.length === 0 && gone.length === 0 && notices.length === 0) return;
    const update = this.#update(changed);
    if (update.events.length > 0 || update.notices.length > 0 || notices.length > 0) {
      listener({ events: update.events, notices: [...notices, ...update.notices] });
    }
  }

  /**
   * A missing or empty file may be an editor between two steps, or a branch switch: the source checks again after a
   * moment before it removes the objects.
   */
  #mayComeBack(path: string): boolean {
    const now = performance.now();
    const since = this.#goneSince.get(path) ?? now;
    this.#goneSince.set(path, since);
    if (now - since >= GONE_GRACE_MS) return false;
    this.#watcher?.hintAfter(GONE_GRACE_MS);
    return true;
  }

  /** @returns the file, or undefined if it still cannot be read, for the reason that was reported before */
  async #read(file: FoundFile, input: number): Promise<LoadedFile | undefined> {
    const loaded = this.#fileAt(file.path, input);
    try {
      return this.#parse(loaded, file.stamp, await readManifestFile(file, this.#options.maxBytes));
    } catch (error) {
      if (!SwitchboardError.is(error)) throw error;
      if (loaded.lastValid === undefined && this.#watcher === undefined) throw error;
      if (error.code === 'SWB_INPUT_TOO_LARGE') loaded.stamp = file.stamp;
      // Without its stamp, the next scan reads it again: the reason may pass while the file stays the same.
      else if (loaded.unreadable === error.message) return undefined;
      else loaded.unreadable = error.message;
      loaded.notices = [plainNotice('fault', file.path, error.message, 'its last valid content stays in use')];
      return loaded;
    }
  }

  #fileAt(path: string, input: number): LoadedFile {
    const existing = this.#files.get(path);
    if (existing !== undefined) return existing;
    const content = { lastValid: undefined, notices: [], unreadable: undefined };
    const file: LoadedFile = { path, input, stamp: '', cache: new Map(), ...content };
    this.#files.set(path, file);
    return file;
  }

  #parse(loaded: LoadedFile, stamp: string, text: string): LoadedFile {
    const { path } = loaded;
    loaded.stamp = stamp;
    loaded.unreadable = undefined;
    const manifest = parseManifest(text, this.#options, loaded.cache);
    const name = path === '-' ? 'stdin' : path;
    loaded.notices = [
      ...manifest.faults.map(fault => placed('fault', name, fault)),
      ...manifest.notes.map(note => placed('note', name, note)),
    ];
    if (manifest.faults.length === 0) loaded.lastValid = manifest;
    return loaded;
  }

  /** Returns the difference to the last update. Of two definitions of an object the later one wins, as with `kubectl apply`. */
  #update(changed: readonly LoadedFile[]): SourceUpdate {
    const next = new Map<string, PlacedObject>();
    const notices = changed.flatMap(file => file.notices);
    for (const file of this.#inOrder()) {
      const name = file.path === '-' ? 'stdin' : file.path;
      for (const { object, position } of file.lastValid?.objects ?? []) {
        const id = `${object.kind} ${object.meta.namespace}/${object.meta.name}`;
        const where = () => {
          const { line, col } = position();
          return `${name}:${line}:${col}`;
        };
        const twin = next.get(id);
        if (twin !== undefined && changed.includes(file)) {
          notices.push({
            level: 'warning',
            where: where(),
            object: id,
            field: '',
            why: `is already defined at ${twin.where()}`,
            fix: 'the later definition wins; remove one of them',
          });
        }
        next.set(id, { object, where });
      }
    }
    const events: ObjectEvent[] = [];
    for (const [id, { object }] of this.#objects) {
      const { namespace, name } = object.meta;
      if (!next.has(id)) events.push({ type: 'delete', kind: object.kind, namespace, name });
    }
    for (const [id, { object }] of next) {
      if (this.#objects.get(id)?.object !== object) events.push({ type: 'set', object });
    }
    this.#objects = next;
    return { events, notices };
  }

  /** Sorted by input, then by path, as `kubectl apply` reads them. */
  #inOrder(): LoadedFile[] {
    return [...this.#files.values()].sort(
      (a, b) => a.input - b.input || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0),
    );
  }

  #watchPaths(): Set<string> {
    const paths = new Set(this.#inputs.filter(input => input !== '-'));
    for (const path of this.#files.keys()) if (path !== '-') paths.add(path);
    return paths;
  }
}

function placed(level: Notice['level'], file: string, fault: PlacedFault): Notice {
  const { object, field, why, fix } = fault;
  return { level, where: `${file}:${fault.line}:${fault.col}`, object, field, why, fix };
}

function plainNotice(level: Notice['level'], where: string, why: string, fix: string): Notice {
  return { level, where, object: '', field: '', why, fix };
}
