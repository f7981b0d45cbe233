import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseJson } from '../../data/index.ts';
import { systemCodeOf } from '../../errors.ts';
import { unlessAborted } from '../../system/index.ts';
import { askHelper } from './credential-helper.ts';
import { type AuthEntries, authEntries, DOCKER_HUB_KEY, matchAuth, type RegistryAuth } from './credentials.ts';
import type { ImageReference } from './reference.ts';

export interface UserCredentialsOptions {
  readonly env: NodeJS.ProcessEnv;
  /** `~/.docker`, or where DOCKER_CONFIG points. */
  readonly configFolder: string;
  /** Reports what could not be read or asked; the pull goes on without. */
  readonly warn: (message: string) => void;
  readonly helperLimitMs?: number;
}

/** The credentials of the user, as `docker pull` finds them. */
export class UserCredentials {
  readonly #options: UserCredentialsOptions;
  /** One question per registry, since a helper may ask the user. */
  readonly #asked = new Map<string, Promise<RegistryAuth | undefined>>();
  #config: Promise<readonly Readonly<Record<string, unknown>>[]> | undefined;

  constructor(options: UserCredentialsOptions) {
    this.#options = options;
  }

  /**
   * DOCKER_AUTH_CONFIG first, then config.json: the helper of this registry, the store of all, the plain entries.
   *
   * @param secrets of `imagePullSecrets`; they come before the user's own
   */
  async find(
    image: ImageReference,
    secrets: readonly AuthEntries[],
    signal?: AbortSignal,
  ): Promise<RegistryAuth | undefined> {
    const merged = new Map(secrets.flatMap(entries => [...entries]));
    const fromSecret = matchAuth(merged, image.registry, image.repository);
    if (fromSecret !== undefined) return fromSecret;
    this.#config ??= this.#read();
    const configs = await this.#config;
    signal?.throwIfAborted();
    for (const config of configs) {
      const helper = helperFor(config, image.registry);
      const found = helper === undefined ? undefined : await this.#ask(helper, image.registry, signal);
      const auth = found ?? matchAuth(authEntries({ auths: config.auths }), image.registry, image.repository);
      if (auth !== undefined) return auth;
    }
    return undefined;
  }

  async #ask(helper: string, registry: string, signal: AbortSignal | undefined): Promise<RegistryAuth | undefined> {
    const key = `${helper} ${registry}`;
    // Not aborted with the first who asks, since others wait for the same answer; it has a time limit.
    const asked = this.#asked.get(key) ?? this.#askOnce(helper, registry);
    this.#asked.set(key, asked);
    return signal === undefined ? asked : unlessAborted(signal, asked);
  }

  async #askOnce(helper: string, registry: string): Promise<RegistryAuth | undefined> {
    const { env, helperLimitMs, warn } = this.#options;
    const server = registry === 'docker.io' ? DOCKER_HUB_KEY : registry;
    const limit = helperLimitMs === undefined ? {} : { limitMs: helperLimitMs };
    const answer = await askHelper(helper, server, { env, ...limit });
    if (answer.kind === 'auth') return answer.auth;
    if (answer.kind === 'failed') warn(`no credentials for ${registry}: ${answer.reason}; pulling without`);
    return undefined;
  }

  async #read(): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const { env, configFolder, warn } = this.#options;
    const inline = env.DOCKER_AUTH_CONFIG;
    const path = join(configFolder, 'config.json');
    const texts = [
      ...(inline === undefined || inline === '' ? [] : [{ place: 'DOCKER_AUTH_CONFIG', text: inline }]),
      ...(await readFile(path, 'utf8').then(
        text => [{ place: path, text }],
        (error: unknown) => {
          if (systemCodeOf(error) !== 'ENOENT') warn(`${path} cannot be read: ${systemCodeOf(error)}`);
          return [];
        },
      )),
    ];
    return texts.flatMap(({ place, text }) => {
      const value = parseJson(text);
      if (isRecord(value)) return [value];
      warn(`${place} is not a JSON object`);
      return [];
    });
  }
}

function helperFor(config: Readonly<Record<string, unknown>>, registry: string): string | undefined {
  const helpers = isRecord(config.credHelpers) ? config.credHelpers : {};
  const own = helpers[registry] ?? (registry === 'docker.io' ? helpers[DOCKER_HUB_KEY] : undefined);
  if (typeof own === 'string' && own !== '') return own;
  return typeof config.credsStore === 'string' && config.credsStore !== '' ? config.credsStore : undefined;
}
