import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord, parseJson } from '../../data/index.ts';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { type EngineEndpoint, parseEndpoint, type TlsFiles } from '../api/endpoint.ts';

/** Where the docker command line keeps its settings. */
export function dockerConfigFolder(env: NodeJS.ProcessEnv, home: string): string {
  return env.DOCKER_CONFIG || join(home, '.docker');
}

/** `currentContext` of config.json. @returns undefined if there is none, or it is `default` */
export async function currentContext(configFolder: string): Promise<string | undefined> {
  const config = parseJson((await readIfPresent(join(configFolder, 'config.json')))?.toString('utf8') ?? '');
  const name = isRecord(config) ? config.currentContext : undefined;
  return typeof name === 'string' && name !== '' && name !== 'default' ? name : undefined;
}

/**
 * The endpoint of a context of the docker command line: `contexts/meta/SHA256(NAME)/meta.json`, TLS files beside it under
 * `contexts/tls`.
 *
 * @param source what named the context, for the error
 * @throws SWB_NO_ENGINE if there is no such context, or it cannot be used
 */
export async function contextEndpoint(configFolder: string, name: string, source: string): Promise<EngineEndpoint> {
  const hash = createHash('sha256').update(name).digest('hex');
  const path = join(configFolder, 'contexts', 'meta', hash, 'meta.json');
  const text = await readIfPresent(path);
  if (text === undefined) {
    throw new SwitchboardError(
      'SWB_NO_ENGINE',
      `${source} names the context "${name}", which does not exist: see docker context ls`,
    );
  }
  const meta = parseJson(text.toString('utf8'));
  const endpoints = isRecord(meta) && isRecord(meta.Endpoints) ? meta.Endpoints : {};
  const docker = isRecord(endpoints.docker) ? endpoints.docker : {};
  const tls = await tlsFiles(join(configFolder, 'contexts', 'tls', hash, 'docker'), docker.SkipTLSVerify === true);
  const endpoint = typeof docker.Host === 'string' ? parseEndpoint(docker.Host, tls) : undefined;
  if (endpoint !== undefined) return endpoint;
  throw new SwitchboardError('SWB_NO_ENGINE', `${source} names the context "${name}": ${path} has no usable Host`);
}

/** TLS of DOCKER_HOST: with DOCKER_TLS_VERIFY or DOCKER_TLS, from DOCKER_CERT_PATH. */
export async function environmentTls(env: NodeJS.ProcessEnv, configFolder: string): Promise<TlsFiles | undefined> {
  const verify = (env.DOCKER_TLS_VERIFY ?? '') !== '';
  if (!verify && (env.DOCKER_TLS ?? '') === '') return undefined;
  const folder = env.DOCKER_CERT_PATH || configFolder;
  return (await tlsFiles(folder, !verify)) ?? { skipVerify: !verify };
}

async function tlsFiles(folder: string, skipVerify: boolean): Promise<TlsFiles | undefined> {
  const [ca, cert, key] = await Promise.all(['ca.pem', 'cert.pem', 'key.pem'].map(n => readIfPresent(join(folder, n))));
  if (ca === undefined && cert === undefined && !skipVerify) return undefined;
  return {
    skipVerify,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}

async function readIfPresent(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined;
    throw new SwitchboardError('SWB_NO_ENGINE', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
