import { hostPort, type SocketAddress } from '../net/index.ts';
import {
  activeResolver,
  askServer,
  DEFAULT_ADDRESSES,
  hostsPath,
  installedRules,
  readHosts,
  readSystemState,
  ruleHealth,
  type SystemState,
  serversOf,
} from '../resolver-setup/index.ts';
import { PortOwners } from '../system/index.ts';
import { askHosts, askNames, askSystem } from './ask-paths.ts';
import { candidates, serviceNames } from './candidates.ts';
import type { Examination, Outcome, PathAnswer } from './examination.ts';

export interface ExamineOptions {
  readonly domain: string;
  readonly namespace: string;
  /** Addresses of Switchboard's servers, besides the defaults. */
  readonly places: readonly SocketAddress[];
  /** The addresses at which a running `up` serves a name. */
  readonly expected: (name: string) => readonly string[] | undefined;
  /** getaddrinfo; replaced in tests. */
  readonly system?: (name: string) => Promise<Outcome>;
  readonly root?: string;
  readonly timeoutMs?: number;
  /** The port of the servers of resolv.conf; tests may not be allowed to use 53. */
  readonly port?: number;
}

/** libc waits five seconds for each server, twice, which is too long here. */
const SYSTEM_TIMEOUT_MS = 8000;
/** No libc uses more (MAXNS). */
const MAX_SERVERS = 3;
const STUB = '127.0.0.53';

/**
 * Resolves names by every available way. Changes nothing.
 *
 * @throws SWB_SETUP_CONFLICT, SWB_SETUP_FAILED where the hosts file cannot be read
 */
export async function examine(names: readonly string[], options: ExamineOptions): Promise<Examination[]> {
  const { domain, root = '/' } = options;
  const state = await readSystemState(root);
  const hosts = await readHosts(hostsPath(root));
  const installed = installedRules(state);
  const ruleServers = installed.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  const places = distinct([...options.places, ...ruleServers, ...(root === '/' ? DEFAULT_ADDRESSES : [])]);
  const own = await serversOf(domain, places);
  const resolver = activeResolver(state);
  const rules = await Promise.all(installed.map(each => ruleHealth(each, resolver)));
  const held = root === '/' ? await heldPorts(own) : [];
  const system = options.system ?? (name => askSystem(name, SYSTEM_TIMEOUT_MS));
  const one = async (name: string): Promise<Examination> => {
    const { search = [], ndots = 1 } = state.resolvConf?.conf ?? {};
    const asked = candidates(name.toLowerCase(), { search, ndots, musl: state.musl });
    const meant = serviceNames(name, options);
    const ours = own.map(async (place): Promise<PathAnswer> => {
      return { path: { kind: 'ours', place }, ...(await askNames(place, meant, options.timeoutMs)) };
    });
    const servers = systemServers(state, options.port ?? 53).map(async ({ kind, place }): Promise<PathAnswer> => {
      return { path: { kind, place }, ...(await askNames(place, asked, options.timeoutMs)) };
    });
    const line: PathAnswer = { path: { kind: 'hosts' }, outcome: askHosts([name.replace(/\.$/, ''), ...asked], hosts) };
    const answers = await Promise.all([...servers, ...ours]);
    const full = answers.flatMap(({ path, outcome }) =>
      path.kind === 'ours' && outcome.kind === 'found' ? [outcome.name] : [],
    )[0];
    return {
      ...{ name, domain, namespace: options.namespace, state, resolver, asked, rules, hosts, held },
      paths: state.sources.some(source => source.name === 'files') ? [line, ...answers] : answers,
      system: await system(name),
      full: full === undefined ? undefined : { name: full, system: await system(full) },
      expected: options.expected(full ?? name),
    };
  };
  const seen: Examination[] = [];
  // One after the other, so that a slow server does not get all queries at once.
  for (const name of names) seen.push(await one(name));
  return seen;
}

/** The DNS servers that programs use: those of resolv.conf, and resolved if nsswitch.conf uses it. */
function systemServers(state: SystemState, port: number): { kind: 'resolved' | 'resolv.conf'; place: SocketAddress }[] {
  const servers = (state.resolvConf?.conf.servers ?? []).slice(0, MAX_SERVERS);
  const found = servers.map(address => ({ kind: kindOf(address), place: { address, port } }));
  const bySwitch = state.systemd.resolvedRuns && state.sources.some(({ name }) => name === 'resolve');
  return bySwitch && !servers.includes(STUB) ? [{ kind: 'resolved', place: { address: STUB, port } }, ...found] : found;
}

function kindOf(address: string): 'resolved' | 'resolv.conf' {
  return address === '127.0.0.53' || address === '127.0.0.54' ? 'resolved' : 'resolv.conf';
}

/** Other DNS servers on the ports that Switchboard's server prefers. */
async function heldPorts(own: readonly SocketAddress[]): Promise<string[]> {
  const owners = new PortOwners();
  const wanted = DEFAULT_ADDRESSES.slice(0, 2).filter(({ port }) => !own.some(each => each.port === port));
  const texts = await Promise.all(
    wanted.map(async place => {
      const reply = await askServer(place, 'localhost', { type: 'A', timeoutMs: 500 });
      return reply.kind === 'failed' ? [] : [await owners.describe({ protocol: 'UDP', ...place })];
    }),
  );
  return texts.flat();
}

function distinct(places: readonly SocketAddress[]): SocketAddress[] {
  return [...new Map(places.map(place => [hostPort(place.address, place.port), place])).values()];
}
