/** The parts of an image's name (the grammar of `distribution/reference`, which the kubelet uses). */
export interface ImageReference {
  /** `docker.io` if the name has none. */
  readonly registry: string;
  /** `library/nginx` for `nginx`. */
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:...` */
  readonly digest?: string;
}

const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const DOMAIN =
  /^(?:\[[0-9a-fA-F:]+\]|(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)(?::[0-9]+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const MAX_NAME_LENGTH = 255;

/** @returns undefined for text that is not the name of an image */
export function parseImage(text: string): ImageReference | undefined {
  if (/^[0-9a-f]{64}$/.test(text)) return undefined;
  const { registry, rest } = splitRegistry(text);
  const [named = '', digest, ...more] = rest.split('@');
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return undefined;
  const colon = named.indexOf(':');
  const repository = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (tag !== undefined && !TAG.test(tag)) return undefined;
  if (!DOMAIN.test(registry) || !PATH.test(repository)) return undefined;
  if (registry.length + 1 + repository.length > MAX_NAME_LENGTH) return undefined;
  return { registry, repository, ...(tag === undefined ? {} : { tag }), ...(digest === undefined ? {} : { digest }) };
}

/** The first part of a name is a registry if it cannot be a folder: it has a dot, a port or a capital, or is localhost. */
function splitRegistry(text: string): { readonly registry: string; readonly rest: string } {
  const slash = text.indexOf('/');
  const first = slash === -1 ? '' : text.slice(0, slash);
  const isRegistry = first === 'localhost' || /[.:]/.test(first) || first !== first.toLowerCase();
  const registry = isRegistry ? first : 'docker.io';
  const rest = isRegistry ? text.slice(slash + 1) : text;
  if (registry !== 'docker.io' && registry !== 'index.docker.io') return { registry, rest };
  return { registry: 'docker.io', rest: rest.includes('/') ? rest : `library/${rest}` };
}

/** Always for the tag `latest`, or for neither tag nor digest; also the API's IfNotPresent for a name it cannot parse. */
export function defaultPullPolicy(image: string): 'Always' | 'IfNotPresent' {
  const reference = parseImage(image);
  if (reference === undefined) return 'IfNotPresent';
  const tag = reference.tag ?? (reference.digest === undefined ? 'latest' : undefined);
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}
