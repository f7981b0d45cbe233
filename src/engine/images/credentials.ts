import { isRecord, parseJson } from '../../data/index.ts';

/** What a registry accepts. Never part of an error, a log or a URL. */
export type RegistryAuth =
  | { readonly kind: 'password'; readonly username: string; readonly password: string; readonly server: string }
  | { readonly kind: 'identity-token'; readonly token: string; readonly server: string };

/** Entries of a Docker configuration: the registry or a path of it, as written, and what it accepts. */
export type AuthEntries = ReadonlyMap<string, RegistryAuth>;

/** Docker Hub's key in configuration files. */
export const DOCKER_HUB_KEY = 'https://index.docker.io/v1/';

/** Reads `auths` of a Docker configuration, or the map itself, as `kubernetes.io/dockercfg` has it. */
export function authEntries(config: unknown): AuthEntries {
  const record = isRecord(config) ? config : {};
  const auths = isRecord(record.auths) ? record.auths : 'auths' in record ? {} : record;
  const entries = Object.entries(auths).flatMap(([server, entry]) => {
    const auth = authOf(server, entry);
    return auth === undefined ? [] : [[server, auth] as const];
  });
  return new Map(entries);
}

/** Reads the text of a Secret of type `kubernetes.io/dockerconfigjson` or `kubernetes.io/dockercfg`. */
export function parseDockerConfigJson(text: string): AuthEntries {
  return authEntries(parseJson(text));
}

/** The header X-Registry-Auth: base64url, with the padding that Go's decoder requires. */
export function registryAuthHeader(auth: RegistryAuth): string {
  const value =
    auth.kind === 'password'
      ? { username: auth.username, password: auth.password, serveraddress: auth.server }
      : { identitytoken: auth.token, serveraddress: auth.server };
  return Buffer.from(JSON.stringify(value)).toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

/**
 * The entry for a repository: the longest matching path first, as the kubelet chooses among `imagePullSecrets`. A key may
 * have a scheme, a path, and `*` in parts of the host. So nothing is ever sent to another registry.
 */
export function matchAuth(entries: AuthEntries, registry: string, repository: string): RegistryAuth | undefined {
  let best: { readonly path: string; readonly auth: RegistryAuth } | undefined;
  for (const [key, auth] of entries) {
    const { host, path } = splitKey(key);
    if (!hostMatches(host, registry)) continue;
    if (path !== '' && repository !== path && !repository.startsWith(`${path}/`)) continue;
    if (best === undefined || path.length > best.path.length) best = { path, auth };
  }
  return best?.auth;
}

function splitKey(key: string): { host: string; path: string } {
  const rest = key.replace(/^https?:\/\//, '').replace(/\/+$/, '');
  const slash = rest.indexOf('/');
  const host = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : rest.slice(slash + 1);
  const isHub = host === 'index.docker.io' || host === 'registry-1.docker.io';
  // `/v1/` and `/v2/` are the API's versions and not part of a repository.
  return { host: isHub ? 'docker.io' : host, path: /^v[12]$/.test(path) ? '' : path };
}

function hostMatches(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  const [patternName = '', patternPort = ''] = splitPort(pattern);
  const [name = '', port = ''] = splitPort(host);
  const [patternParts, parts] = [patternName.split('.'), name.split('.')];
  if (patternPort !== port || patternParts.length !== parts.length) return false;
  return patternParts.every((part, index) => globMatches(part, parts[index] ?? ''));
}

function globMatches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`).test(text);
}

function splitPort(host: string): string[] {
  const colon = host.lastIndexOf(':');
  return colon < 0 ? [host, ''] : [host.slice(0, colon), host.slice(colon + 1)];
}

function authOf(server: string, entry: unknown): RegistryAuth | undefined {
  if (!isRecord(entry)) return undefined;
  const { auth, identitytoken, username, password } = entry;
  if (typeof identitytoken === 'string' && identitytoken !== '') {
    return { kind: 'identity-token', token: identitytoken, server };
  }
  if (typeof auth === 'string' && auth !== '') {
    const text = Buffer.from(auth, 'base64').toString('utf8');
    const colon = text.indexOf(':');
    if (colon <= 0) return undefined;
    // Docker pads old entries with NUL.
    return passwordAuth(text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, ''), server);
  }
  if (typeof username !== 'string' || typeof password !== 'string' || username === '') return undefined;
  return passwordAuth(username, password, server);
}

function passwordAuth(username: string, password: string, server: string): RegistryAuth {
  return { kind: 'password', username, password, server };
}
