import {
  type Engine,
  emulationNote,
  type Image,
  type PullOverride,
  type PullProgress,
  parseDockerConfigJson,
} from '../engine/index.ts';
import { SwitchboardError } from '../errors.ts';
import type { Container, SecretValue } from '../kube/index.ts';

export interface ContainerImagesOptions {
  readonly override: PullOverride;
  /** Says once for each image how it got here. */
  readonly onNotice: (text: string) => void;
}

export interface Wanted {
  readonly container: Container;
  readonly secrets: readonly SecretValue[];
  readonly onProgress: (why: string) => void;
  readonly signal: AbortSignal;
}

/** How often a long pull is reported. */
const EVERY_MS = 10_000;

/** Makes the images of containers present, as their pull policies demand. */
export class ContainerImages {
  readonly #engine: Engine;
  readonly #options: ContainerImagesOptions;
  readonly #said = new Set<string>();
  /** When the progress of a pull was last reported, by image. */
  readonly #saidAt = new Map<string, number>();

  constructor(engine: Engine, options: ContainerImagesOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** @throws SWB_IMAGE, SWB_ENGINE, SWB_POD_CONFIG if the container names no image */
  async ensure({ container, secrets, onProgress, signal }: Wanted): Promise<Image> {
    const name = container.image;
    if (name === undefined) {
      throw new SwitchboardError('SWB_POD_CONFIG', `InvalidImageName: container ${container.name} names no image`);
    }
    const startedAt = performance.now();
    let received = 0;
    const { image, how } = await this.#engine.images.ensure(name, {
      policy: container.run?.imagePullPolicy,
      override: this.#options.override,
      secrets: secrets.map(secret => parseDockerConfigJson(secret.text())),
      signal,
      onProgress: progress => {
        received = progress.receivedBytes;
        const text = `pulling ${name}: ${progressText(progress)}`;
        onProgress(text);
        // Several pods may wait for one pull.
        if (performance.now() - (this.#saidAt.get(name) ?? startedAt) < EVERY_MS) return;
        this.#saidAt.set(name, performance.now());
        this.#options.onNotice(text);
      },
    });
    if (how === 'pulled') {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      this.#once(`pulled ${name}${received === 0 ? '' : ` (${megabytes(received)})`} in ${seconds} s`);
    }
    if (how === 'built-here') this.#once(`${name} was built here, so it is not pulled`);
    const note = emulationNote(image, this.#engine.facts);
    if (note !== undefined) this.#once(`${name}: ${note}`);
    return image;
  }

  #once(text: string): void {
    const [subject = text] = text.split(' in ');
    if (this.#said.has(subject)) return;
    this.#said.add(subject);
    this.#options.onNotice(text);
  }
}

function progressText({ receivedBytes, totalBytes, layersDone, layers }: PullProgress): string {
  if (totalBytes === 0) return layers === 0 ? 'waiting for the registry' : `${layersDone} of ${layers} layers`;
  const part = Math.floor((100 * receivedBytes) / totalBytes);
  return `${part} % of ${megabytes(totalBytes)}, ${layersDone} of ${layers} layers`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
