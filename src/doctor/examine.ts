import { hostPort, type SocketAddress } from '../kube/address.ts';
import {
  askServer,
  hostsPath,
  inCharge,
  installedRules,
  type ResolverFacts,
  readFacts,
  readHosts,
  ruleHealth,
  serversOf,
  USUAL_PLACES,
} from '../resolver-setup/index.ts';
import { PortOwners } from '../system/index.ts';
import { askHosts, askNames, askSystem } from './ask-paths.ts';
import { candidates, serviceNames } from './candidates.ts';
import type { Examination, Outcome, PathAnswer } from './examination.ts';

export interface ExamineOptions {
  readonly domain: string;
  readonly namespace: string;
  /** Where our servers may be beside the usual places. */
  readonly places: readonly SocketAddress[];
  /** Where a running `up` serves a name. */
  readonly expected: (name: string) => readonly string[] | undefined;
  /** What programs get; tests have their own. */
  readonly system?: (name: string) => Promise<Outcome>;
  readonly root?: string;
  readonly timeoutMs?: number;
  /** Where the servers of resolv.conf listen; tests may have no right to 53. */
  readonly port?: number;
}

/** libc gives each server five seconds, twice; nobody waits that long to be told. */
const PATIENCE_MS = 8000;
/** More are not read by any libc (MAXNS). */
const MOST_SERVERS = 3;
const STUB = '127.0.0.53';

/**
 * Looks some names up by every way that there is. Nothing is changed.
 *
 * @throws SWB_SETUP_CONFLICT, SWB_SETUP_FAILED where the hosts file cannot be read
 */
export async function examine(names: readonly string[], options: ExamineOptions): Promise<Examination[]> {
  const { domain, root = '/' } = options;
  const facts = await readFacts(root);
  const hosts = await readHosts(hostsPath(root));
  const installed = installedRules(facts);
  const rulePlaces = installed.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
  const places = distinct([...options.places, ...rulePlaces, ...(root === '/' ? USUAL_PLACES : [])]);
  const own = await serversOf(domain, places);
  const charge = inCharge(facts);
  const rules = await Promise.all(installed.map(each => ruleHealth(each, charge)));
  const held = root === '/' ? await heldPorts(own) : [];
  const system = options.system ?? (name => askSystem(name, PATIENCE_MS));
  const one = async (name: string): Promise<Examination> => {
    const { search = [], ndots = 1 } = facts.resolvConf?.conf ?? {};
    const asked = candidates(name.toLowerCase(), { search, ndots, musl: facts.musl });
    const meant = serviceNames(name, options);
    const ours = own.map(async (place): Promise<PathAnswer> => {
      return { path: { kind: 'ours', place }, ...(await askNames(place, meant, options.timeoutMs)) };
    });
    const servers = systemServers(facts, options.port ?? 53).map(async ({ kind, place }): Promise<PathAnswer> => {
      return { path: { kind, place }, ...(await askNames(place, asked, options.timeoutMs)) };
    });
    const line: PathAnswer = { path: { kind: 'hosts' }, outcome: askHosts([name.replace(/\.$/, ''), ...asked], hosts) };
    const answers = await Promise.all([...servers, ...ours]);
    const full = answers.flatMap(({ path, outcome }) =>
      path.kind === 'ours' && outcome.kind === 'found' ? [outcome.name] : [],
    )[0];
    return {
      ...{ name, domain, namespace: options.namespace, facts, charge, asked, rules, hosts, held },
      paths: facts.sources.some(source => source.name === 'files') ? [line, ...answers] : answers,
      system: await system(name),
      full: full === undefined ? undefined : { name: full, system: await system(full) },
      expected: options.expected(full ?? name),
    };
  };
  const seen: Examination[] = [];
  // One after the other, so that a slow server is not asked for everything at once.
  for (const name of names) seen.push(await one(name));
  return seen;
}

/** Whom programs ask by DNS: resolv.conf's servers, and resolved where nsswitch.conf leads to it. */
function systemServers(
  facts: ResolverFacts,
  port: number,
): { kind: 'resolved' | 'resolv.conf'; place: SocketAddress }[] {
  const servers = (facts.resolvConf?.conf.servers ?? []).slice(0, MOST_SERVERS);
  const found = servers.map(address => ({ kind: kindOf(address), place: { address, port } }));
  const bySwitch = facts.systemd.resolvedRuns && facts.sources.some(({ name }) => name === 'resolve');
  return bySwitch && !servers.includes(STUB) ? [{ kind: 'resolved', place: { address: STUB, port } }, ...found] : found;
}

function kindOf(address: string): 'resolved' | 'resolv.conf' {
  return address === '127.0.0.53' || address === '127.0.0.54' ? 'resolved' : 'resolv.conf';
}

/** Who else is where our server would like to be. */
async function heldPorts(own: readonly SocketAddress[]): Promise<string[]> {
  const owners = new PortOwners();
  const wanted = USUAL_PLACES.slice(0, 2).filter(({ port }) => !own.some(each => each.port === port));
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
