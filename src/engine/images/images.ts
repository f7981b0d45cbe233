import { Readable } from 'node:stream';
import { SwitchboardError } from '../../errors.ts';
import { defaultPullPolicy } from '../../kube/image.ts';
import type { EngineApi } from '../api/api.ts';
import { unlessMissing } from '../api/engine-error.ts';
import { recordsOf, textOf, textsOf } from '../api/fields.ts';
import { jsonLines } from '../api/json-lines.ts';
import type { EngineFacts } from '../facts.ts';
import { tarChunks } from '../tar.ts';
import { contextEntries } from './build-context.ts';
import { type AuthEntries, registryAuthHeader } from './credentials.ts';
import type { UserCredentials } from './docker-config.ts';
import { type Image, imageFrom, isBuiltHere, localName, nearestTag } from './image.ts';
import { invalidName, pullError } from './pull-failure.ts';
import { decidePull, neverMessage, type PullOverride, type PullPolicy } from './pull-policy.ts';
import { type PullProgress, PullSum, throwIfFailed } from './pull-progress.ts';
import { PullQueue } from './pull-queue.ts';
import { type ImageReference, parseReference, referenceText, repositoryText } from './reference.ts';

export interface PullOptions {
  /** Of `imagePullSecrets`. */
  readonly secrets?: readonly AuthEntries[];
  /** `linux/arm64`; without it the engine's own. */
  readonly platform?: string | undefined;
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface EnsureOptions extends PullOptions {
  /** Undefined: the API server's default for this reference. */
  readonly policy?: PullPolicy | undefined;
  readonly override?: PullOverride;
}

export interface EnsuredImage {
  readonly image: Image;
  readonly how: 'present' | 'built-here' | 'pulled';
}

export interface BuildOptions {
  readonly tag: string;
  /** Relative to the folder. */
  readonly dockerfile?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

/** Images of an engine. */
export class Images {
  readonly #api: EngineApi;
  readonly #facts: EngineFacts;
  readonly #credentials: UserCredentials;
  readonly #pulls = new PullQueue<void, PullProgress>();

  constructor(api: EngineApi, facts: EngineFacts, credentials: UserCredentials) {
    this.#api = api;
    this.#facts = facts;
    this.#credentials = credentials;
  }

  /**
   * @returns undefined if the image is not present
   * @throws SWB_IMAGE (`InvalidImageName`)
   */
  async inspect(name: string, { signal }: Waiting = {}): Promise<Image | undefined> {
    for (const candidate of this.#candidates(parse(name))) {
      const path = `/images/${candidate}/json`;
      const answer = await unlessMissing(
        this.#api.json({ method: 'GET', path, signal, doing: `inspect image ${candidate}` }),
      );
      if (answer !== undefined) return imageFrom(answer);
    }
    return undefined;
  }

  /** Makes the image present as its pull policy demands. @throws SWB_IMAGE (`ErrImagePull`, `ErrImageNeverPull`) */
  async ensure(name: string, options: EnsureOptions = {}): Promise<EnsuredImage> {
    const { policy, override = 'policy', signal } = options;
    const reference = parse(name);
    const image = await this.inspect(name, { signal });
    const decision = decidePull({
      policy: policy ?? defaultPullPolicy(name),
      override,
      present: image !== undefined,
      builtHere: image !== undefined && isBuiltHere(image, reference, this.#facts.name),
    });
    if (decision.kind === 'use' && image !== undefined) return { image, how: decision.because };
    if (decision.kind === 'pull') return { image: await this.pull(name, options), how: 'pulled' };
    const near = nearestTag(referenceText(reference), await this.tags({ signal }));
    throw new SwitchboardError(
      'SWB_IMAGE',
      `ErrImageNeverPull: ${neverMessage(name)}${near === undefined ? '' : `\n  present is ${near}`}`,
      { details: { reason: 'ErrImageNeverPull', message: neverMessage(name) } },
    );
  }

  /** Pulls from the registry, present or not. All who wait for one reference share one pull. @throws SWB_IMAGE */
  async pull(name: string, options: PullOptions = {}): Promise<Image> {
    const { secrets = [], platform, signal, onProgress } = options;
    const reference = parse(name);
    const full = referenceText(reference);
    const auth = await this.#credentials.find(reference, secrets, signal);
    const registryAuth = auth === undefined ? undefined : registryAuthHeader(auth);
    const key = JSON.stringify([full, platform, registryAuth]);
    const pull = (report: (progress: PullProgress) => void, stop: AbortSignal): Promise<void> =>
      this.#pullOnce(reference, { platform, registryAuth, report, signal: stop });
    try {
      await this.#pulls.run(key, pull, { signal, onProgress });
    } catch (cause) {
      signal?.throwIfAborted();
      throw pullError({ image: name, registry: reference.registry, architecture: this.#facts.architecture, cause });
    }
    const image = await this.inspect(name, { signal });
    if (image !== undefined) return image;
    throw new SwitchboardError('SWB_ENGINE', `cannot find image ${full} after its pull; was it removed meanwhile?`);
  }

  /** Loads images from a tar archive, as `docker save` writes it. @returns their names */
  async load(archive: Buffer | Readable, { signal }: Waiting = {}): Promise<readonly string[]> {
    const stream = await this.#api.stream({
      method: 'POST',
      path: '/images/load',
      archive,
      signal,
      doing: 'load images',
    });
    const names: string[] = [];
    for await (const line of jsonLines(stream)) {
      throwIfFailed(line, 'load images');
      const loaded = /^Loaded image(?:\(s\))?(?: ID)?: (.*)$/m.exec(textOf(line.stream))?.[1];
      if (loaded !== undefined) names.push(...loaded.split(',').map(each => each.trim()));
    }
    signal?.throwIfAborted();
    return names;
  }

  /** Makes an image of a root file system, a tar archive. It has no command of its own. */
  async import(tag: string, archive: Readable, { signal }: Waiting = {}): Promise<Image> {
    const reference = parse(tag);
    const doing = `import image ${tag}`;
    const stream = await this.#api.stream({
      method: 'POST',
      path: '/images/create',
      query: { fromSrc: '-' },
      archive,
      signal,
      doing,
    });
    let id: string | undefined;
    for await (const line of jsonLines(stream)) {
      throwIfFailed(line, doing);
      id = /^(?:sha256:)?[0-9a-f]{64}$/.exec(textOf(line.status))?.[0] ?? id;
    }
    signal?.throwIfAborted();
    if (id !== undefined) {
      // Named afterwards, since Podman 4.3 forgets the tag of an import.
      const query = { repo: repositoryText(reference), tag: reference.tag };
      await this.#api.json({ method: 'POST', path: `/images/${id}/tag`, query, signal, doing });
    }
    const image = await this.inspect(tag, { signal });
    if (image !== undefined) return image;
    throw new SwitchboardError('SWB_ENGINE', `cannot ${doing}: the engine ended without an image`);
  }

  /** Builds an image from a folder with a Dockerfile. Needs a builder in the engine: Docker's classic one, or Podman. */
  async build(folder: string, options: BuildOptions): Promise<Image> {
    const { tag, dockerfile = 'Dockerfile', labels = {}, onLine, signal } = options;
    const reference = referenceText(parse(tag));
    const doing = `build image ${tag}`;
    const stream = await this.#api.stream({
      method: 'POST',
      path: '/build',
      query: { t: reference, dockerfile, labels: JSON.stringify(labels), rm: true, forcerm: true },
      archive: Readable.from(tarChunks(contextEntries(folder, dockerfile)), { objectMode: false }),
      signal,
      doing,
    });
    for await (const line of jsonLines(stream)) {
      throwIfFailed(line, doing);
      for (const text of textOf(line.stream).split('\n')) if (text !== '') onLine?.(text);
    }
    signal?.throwIfAborted();
    const image = await this.inspect(reference, { signal });
    if (image !== undefined) return image;
    throw new SwitchboardError('SWB_ENGINE', `cannot ${doing}: the engine ended without an image`);
  }

  /** The names with a tag of all images. */
  async tags({ signal }: Waiting = {}): Promise<readonly string[]> {
    const answer = await this.#api.json({ method: 'GET', path: '/images/json', signal, doing: 'list images' });
    return recordsOf(answer).flatMap(image => textsOf(image.RepoTags));
  }

  /** Removes a name, and the image with its last name. No error if it is not there. */
  async remove(name: string, { signal }: Waiting = {}): Promise<void> {
    for (const candidate of this.#candidates(parse(name))) {
      const path = `/images/${candidate}`;
      await unlessMissing(this.#api.json({ method: 'DELETE', path, signal, doing: `remove image ${candidate}` }));
    }
  }

  async #pullOnce(
    reference: ImageReference,
    options: {
      readonly platform: string | undefined;
      readonly registryAuth: string | undefined;
      readonly report: (progress: PullProgress) => void;
      readonly signal: AbortSignal;
    },
  ): Promise<void> {
    const { platform, registryAuth, report, signal } = options;
    const stream = await this.#api.stream({
      method: 'POST',
      path: '/images/create',
      // Without a tag the engine would pull all tags. A digest takes the tag's place.
      query: { fromImage: repositoryText(reference), tag: reference.digest ?? reference.tag, platform },
      registryAuth,
      signal,
      doing: `pull ${referenceText(reference)}`,
    });
    const sum = new PullSum();
    for await (const line of jsonLines(stream)) {
      const progress = sum.take(line);
      if (progress !== undefined) report(progress);
    }
    signal.throwIfAborted();
  }

  /** Podman names what it has built itself `localhost/NAME`, and its Docker API looks only at docker.io. */
  #candidates(reference: ImageReference): readonly string[] {
    // A digest alone identifies the image; Docker refuses to look up both.
    const exact = reference.digest === undefined ? reference : { ...reference, tag: undefined };
    if (this.#facts.name !== 'podman' || reference.registry !== 'docker.io') return [referenceText(exact)];
    return [referenceText(exact), referenceText(localName(exact))];
  }
}

function parse(name: string): ImageReference {
  const reference = parseReference(name);
  if (reference === undefined) throw invalidName(name);
  return reference;
}
