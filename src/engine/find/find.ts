import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SwitchboardError } from '../../errors.ts';
import { hasProgram } from '../../system/index.ts';
import { EngineApi } from '../api/api.ts';
import { endpointText } from '../api/endpoint.ts';
import { type Candidate, type FindContext, knownCandidates, namedCandidate } from './candidates.ts';
import { type Ping, ping } from './ping.ts';
import { PodmanService } from './podman-service.ts';
import { podmanProgram } from './presence.ts';

/** An engine that answers. */
export interface FoundEngine {
  readonly api: EngineApi;
  readonly ping: Extract<Ping, { kind: 'answered' }>;
  /** `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** What led to it: `DOCKER_HOST`, `context "colima"`, `Docker Desktop`. */
  readonly source: string;
  /** Other engines that answer, where none was named. */
  readonly others: readonly { readonly endpoint: string; readonly source: string }[];
  /** A child that has to be closed with the engine. */
  readonly service: PodmanService | undefined;
}

export interface FindOptions {
  /** The value of `--host`. */
  readonly host?: string | undefined;
  readonly context: FindContext;
  /** In place of the known sockets, for tests. */
  readonly candidates?: readonly Candidate[];
  readonly signal?: AbortSignal | undefined;
  /** Whether to start a service of Podman if nothing else answers. Default: yes. */
  readonly startPodman?: boolean;
}

type Silent = Candidate & { readonly ping: Extract<Ping, { kind: 'silent' }> };

const HOW_TO_GET_ONE = [
  'start Docker, or: systemctl --user enable --now podman.socket',
  'or install one: https://docs.docker.com/engine/install, https://podman.io/docs/installation',
];

/**
 * Finds a container engine. One that the user has named is used or reported, never replaced by another one.
 *
 * @throws SWB_NO_ENGINE with every place that was tried
 */
export async function findEngine(options: FindOptions): Promise<FoundEngine> {
  const { host, context, candidates = knownCandidates(context), signal, startPodman = true } = options;
  const named = await namedCandidate(host, context);
  if (named !== undefined) {
    const answer = await tryCandidate(named, signal);
    if (answer.kind === 'found') return { ...answer.engine, others: [] };
    throw new SwitchboardError('SWB_NO_ENGINE', namedMessage(answer.silent), {
      details: { tried: [tried(answer.silent)] },
    });
  }
  // Asked at the same time, since a dead socket of a VM may take seconds.
  const answers = await Promise.all(candidates.map(candidate => tryCandidate(candidate, signal)));
  const found = answers.flatMap(answer => (answer.kind === 'found' ? [answer.engine] : []));
  const silent = answers.flatMap(answer => (answer.kind === 'silent' ? [answer.silent] : []));
  const [first, ...rest] = found;
  if (first !== undefined) {
    for (const { api } of rest) api.close();
    const others = rest.filter(({ endpoint }) => endpoint !== first.endpoint);
    return { ...first, others: others.map(({ endpoint, source }) => ({ endpoint, source })) };
  }
  const last = startPodman ? await fromPodmanProgram(context, silent, signal) : undefined;
  if (last !== undefined) return { ...last, others: [] };
  throw new SwitchboardError('SWB_NO_ENGINE', nothingMessage(silent), { details: { tried: silent.map(tried) } });
}

type Found = Omit<FoundEngine, 'others'>;

async function tryCandidate(
  candidate: Candidate,
  signal: AbortSignal | undefined,
): Promise<{ kind: 'found'; engine: Found } | { kind: 'silent'; silent: Silent }> {
  const api = await EngineApi.open(candidate.endpoint);
  const answer = await ping(api, signal);
  if (answer.kind === 'silent') {
    api.close();
    return { kind: 'silent', silent: { ...candidate, ping: answer } };
  }
  const { endpoint, source } = candidate;
  return { kind: 'found', engine: { api, ping: answer, endpoint: endpointText(endpoint), source, service: undefined } };
}

/** Where only the program is installed: the socket of its machine, or on Linux a service for this run. */
async function fromPodmanProgram(
  { env, platform }: FindContext,
  silent: Silent[],
  signal: AbortSignal | undefined,
): Promise<Found | undefined> {
  const program = podmanProgram(platform);
  if (!hasProgram(program, env.PATH, process.cwd())) return undefined;
  if (platform === 'linux') {
    const service = await PodmanService.start(program, { env, signal });
    const answer = await tryCandidate({ endpoint: service.endpoint, source: 'podman system service' }, signal);
    if (answer.kind === 'found') return { ...answer.engine, service };
    await service.close();
    silent.push(answer.silent);
    return undefined;
  }
  const path = await machineSocket(program, env, signal);
  if (path === undefined) return undefined;
  const answer = await tryCandidate({ endpoint: { kind: 'socket', path }, source: 'Podman machine' }, signal);
  if (answer.kind === 'found') return answer.engine;
  silent.push(answer.silent);
  return undefined;
}

async function machineSocket(
  program: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const format = '{{.ConnectionInfo.PodmanSocket.Path}}';
  try {
    const run = promisify(execFile);
    const { stdout } = await run(program, ['machine', 'inspect', '--format', format], { env, signal });
    const path = stdout.trim().split('\n')[0] ?? '';
    return path === '' || path.startsWith('<') ? undefined : path;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}

function namedMessage(silent: Silent): string {
  const lines = [
    `no container engine answers at ${endpointText(silent.endpoint)} (${silent.source}): ${reasonOf(silent)}`,
    ...permissionHint([silent]),
  ];
  return lines.join('\n  ');
}

function nothingMessage(silent: readonly Silent[]): string {
  const present = silent.filter(({ ping: { code } }) => code !== 'ENOENT');
  const absent = silent.filter(({ ping: { code } }) => code === 'ENOENT');
  const lines = [
    'no container engine answers',
    ...present.map(each => `${endpointText(each.endpoint)} (${each.source}): ${reasonOf(each)}`),
    ...(absent.length === 0 ? [] : [`not there: ${absent.map(({ endpoint }) => endpointText(endpoint)).join(', ')}`]),
    ...permissionHint(silent),
    ...HOW_TO_GET_ONE,
  ];
  return lines.join('\n  ');
}

function permissionHint(silent: readonly Silent[]): readonly string[] {
  if (!silent.some(({ ping: { code } }) => code === 'EACCES' || code === 'EPERM')) return [];
  return [
    'your user may not use this socket: it is not in the group docker (usermod -aG docker USER, then log in again)',
    'without that right: rootless Docker (dockerd-rootless-setuptool.sh install) or Podman',
  ];
}

function reasonOf({ ping: { code, reason } }: Silent): string {
  switch (code) {
    case 'ENOENT':
      return 'it does not exist';
    case 'EACCES':
    case 'EPERM':
      return 'permission denied';
    case 'ECONNREFUSED':
      return 'nothing listens there';
    default:
      return reason;
  }
}

function tried(silent: Silent): { readonly endpoint: string; readonly source: string; readonly reason: string } {
  return { endpoint: endpointText(silent.endpoint), source: silent.source, reason: reasonOf(silent) };
}
