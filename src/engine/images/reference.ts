import { parseImage } from '../../kube/image.ts';

/** An image reference with everything that is implied written out. */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  /** `library/nginx`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

const DEFAULT_TAG = 'latest';

/**
 * Reads a reference as Docker and the kubelet do: `docker.io` and `library/` are implied, and `:latest` where there is
 * neither a tag nor a digest.
 *
 * @returns undefined if the reference is invalid (the kubelet reports `InvalidImageName`)
 */
export function parseReference(text: string): ImageReference | undefined {
  const parsed = parseImage(text);
  if (parsed === undefined) return undefined;
  const { registry, repository, tag, digest } = parsed;
  return { registry, repository, tag: tag ?? (digest === undefined ? DEFAULT_TAG : undefined), digest };
}

/** The reference in full: `docker.io/library/nginx:latest`. */
export function referenceText({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** The name without tag and digest: what POST /images/create calls `fromImage`. */
export function repositoryText({ registry, repository }: ImageReference): string {
  return `${registry}/${repository}`;
}
