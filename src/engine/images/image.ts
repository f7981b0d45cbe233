import { recordOf, textMapOf, textOf, textsOf } from '../api/fields.ts';
import type { EngineFacts } from '../facts.ts';
import { type ImageReference, parseReference, referenceText } from './reference.ts';

/** An image that is present in the engine. */
export interface Image {
  readonly id: string;
  /** All names with a tag. */
  readonly tags: readonly string[];
  /** `NAME@sha256:…` for each repository from which it was pulled or to which it was pushed. Podman adds digests of its own. */
  readonly digests: readonly string[];
  readonly os: string;
  readonly architecture: string;
  readonly config: ImageConfig;
}

export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** `NAME=value`. */
  readonly env: readonly string[];
  /** As the image states it: a name or a number, with or without a group; empty: root. */
  readonly user: string;
  readonly workingDir: string;
  readonly stopSignal: string | undefined;
  /** Paths for which the engine makes anonymous volumes. */
  readonly volumes: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** The label of every image that Podman or Buildah has built. */
const BUILDAH_LABEL = 'io.buildah.version';

/**
 * Whether an image was built or loaded here under this name, so that no registry has it. Docker then has no digest of its
 * repository. Podman computes digests for all images; with it, `localhost/` counts, and names of Docker Hub that it has built
 * itself, since a build through its Docker API gets such a name.
 */
export function isBuiltHere(image: Image, name: ImageReference, engine: EngineFacts['name']): boolean {
  if (engine === 'podman') {
    if (image.tags.includes(referenceText(localName(name)))) return true;
    return name.registry === 'docker.io' && BUILDAH_LABEL in image.config.labels;
  }
  return !image.digests.some(digest => {
    const pulled = parseReference(digest);
    return pulled?.registry === name.registry && pulled.repository === name.repository;
  });
}

/** What Podman calls an image that it has built under a name without a registry. */
export function localName(name: ImageReference): ImageReference {
  return { ...name, registry: 'localhost', repository: name.repository.replace(/^library\//, '') };
}

/** Reads the answer of `GET /images/NAME/json`. From API 1.52 fields without a value are absent. */
export function imageFrom(answer: unknown): Image {
  const fields = recordOf(answer);
  const config = recordOf(fields.Config);
  const stopSignal = textOf(config.StopSignal);
  return {
    id: textOf(fields.Id),
    tags: textsOf(fields.RepoTags),
    digests: textsOf(fields.RepoDigests),
    os: textOf(fields.Os),
    architecture: textOf(fields.Architecture),
    config: {
      entrypoint: textsOf(config.Entrypoint),
      cmd: textsOf(config.Cmd),
      env: textsOf(config.Env),
      user: textOf(config.User),
      workingDir: textOf(config.WorkingDir),
      stopSignal: stopSignal === '' ? undefined : stopSignal,
      volumes: Object.keys(recordOf(config.Volumes)),
      labels: textMapOf(config.Labels),
    },
  };
}

/** A hint for an image of another architecture than the engine's; undefined: they are the same. */
export function emulationNote(
  image: Pick<Image, 'architecture'>,
  facts: Pick<EngineFacts, 'architecture'>,
): string | undefined {
  const { architecture } = image;
  if (architecture === '' || architecture === facts.architecture) return undefined;
  return `${architecture} image on ${facts.architecture}: emulated, slow`;
}

/** The tag that the user may have meant: the same repository with another tag, or the same last name elsewhere. */
export function nearestTag(wanted: string, tags: readonly string[]): string | undefined {
  const repository = withoutTag(wanted);
  const last = repository.split('/').at(-1);
  return (
    tags.find(tag => withoutTag(tag) === repository && tag !== wanted) ??
    tags.find(tag => withoutTag(tag).split('/').at(-1) === last && tag !== wanted)
  );
}

function withoutTag(name: string): string {
  const colon = name.lastIndexOf(':');
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name;
}
