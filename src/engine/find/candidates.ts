import { posix } from 'node:path';
import { SwitchboardError } from '../../errors.ts';
import { type EngineEndpoint, parseEndpoint } from '../api/endpoint.ts';
import { contextEndpoint, currentContext, dockerConfigFolder, environmentTls } from './contexts.ts';

/** The machine on which an engine is sought. */
export interface FindContext {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: NodeJS.Platform;
  /** Undefined on Windows. */
  readonly uid: number | undefined;
}

/** A place where an engine may listen. */
export interface Candidate {
  readonly endpoint: EngineEndpoint;
  /** `DOCKER_HOST`, `context "colima"`, `Docker Desktop`. */
  readonly source: string;
}

/**
 * The engine that the user has named: `--host`, DOCKER_HOST, DOCKER_CONTEXT, the current context, in the order of the docker
 * command line.
 *
 * @returns undefined if none is named
 * @throws SWB_NO_ENGINE if what is named cannot be used
 */
export async function namedCandidate(host: string | undefined, context: FindContext): Promise<Candidate | undefined> {
  const { env, home } = context;
  const folder = dockerConfigFolder(env, home);
  const hosts = [
    { source: '--host', text: host },
    { source: 'DOCKER_HOST', text: env.DOCKER_HOST },
  ];
  for (const { source, text } of hosts) {
    if (text === undefined || text === '') continue;
    const endpoint = parseEndpoint(text, await environmentTls(env, folder));
    if (endpoint !== undefined) return { endpoint, source };
    throw new SwitchboardError(
      'SWB_NO_ENGINE',
      `${source} is "${text}", expected unix:///PATH, npipe:////./pipe/NAME, tcp://HOST:PORT or ssh://USER@HOST`,
    );
  }
  const named = env.DOCKER_CONTEXT;
  if (named !== undefined && named !== '') {
    if (named === 'default') return undefined;
    return { endpoint: await contextEndpoint(folder, named, 'DOCKER_CONTEXT'), source: `DOCKER_CONTEXT "${named}"` };
  }
  const current = await currentContext(folder);
  if (current === undefined) return undefined;
  return { endpoint: await contextEndpoint(folder, current, 'docker context use'), source: `context "${current}"` };
}

/** The default socket and then those of known engines, in the order in which they are tried. */
export function knownCandidates({ env, home, platform, uid }: FindContext): readonly Candidate[] {
  if (platform === 'win32') {
    return sockets([
      ['Docker', '//./pipe/docker_engine'],
      ['Docker Desktop', '//./pipe/dockerDesktopLinuxEngine'],
      ['Podman machine', '//./pipe/podman-machine-default'],
    ]);
  }
  const runtime = env.XDG_RUNTIME_DIR;
  const inRuntime = (name: string): string[] =>
    runtime === undefined || runtime === '' ? [] : [posix.join(runtime, name)];
  const ofUser = uid === undefined ? [] : [`/run/user/${uid}/docker.sock`];
  const inHome = (name: string): string => posix.join(home, name);
  const inConfig = (name: string): string[] => (env.XDG_CONFIG_HOME ? [posix.join(env.XDG_CONFIG_HOME, name)] : []);
  const all: (readonly [source: string, ...paths: readonly string[]])[] = [
    ['Docker', '/var/run/docker.sock'],
    ['rootless Docker', ...inRuntime('docker.sock')],
    [platform === 'darwin' ? 'Docker Desktop' : 'rootless Docker', inHome('.docker/run/docker.sock')],
    ['rootless Docker', ...ofUser],
    ['Docker Desktop', inHome('.docker/desktop/docker.sock')],
    ['Colima', inHome('.colima/default/docker.sock'), ...inConfig('colima/default/docker.sock')],
    ['OrbStack', inHome('.orbstack/run/docker.sock')],
    ['Rancher Desktop', inHome('.rd/docker.sock')],
    ['Podman of this user', ...inRuntime('podman/podman.sock')],
    ['Podman of this user', ...(uid === undefined ? [] : [`/run/user/${uid}/podman/podman.sock`])],
    ['Podman of the system', '/run/podman/podman.sock'],
  ];
  return sockets(all.flatMap(([source, ...paths]) => paths.map(path => [source, path] as const)));
}

/** A socket that is known under two names is tried once. */
function sockets(all: readonly (readonly [source: string, path: string])[]): readonly Candidate[] {
  const seen = new Set<string>();
  return all.flatMap(([source, path]) => {
    if (seen.has(path)) return [];
    seen.add(path);
    return [{ source, endpoint: { kind: 'socket', path } }];
  });
}
