import { type Diagnosis, diagnose, diagnosisText, examine, findingsOf } from '../../../doctor/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { hostsNames, hostsPath, removeBlocks } from '../../../resolver-setup/index.ts';
import { clusterDomain } from '../../dns/cluster-domain.ts';
import { type Named, ofRunning } from '../../dns/named-services.ts';
import { dnsPlace } from '../../dns/places.ts';
import { runningDnsPlaces } from '../../dns/running-server.ts';
import { EXIT } from '../../exit-codes.ts';
import type { DoctorFlags } from './flags.ts';

/** Without a name to look up, so many of a running `up` are. */
const MOST_NAMES = 5;

/**
 * Says why names do or do not resolve.
 *
 * @returns the exit code: 1 if one does not, or if something stands in the way
 * @throws SWB_USAGE, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED
 */
export async function doctor(names: readonly string[], flags: DoctorFlags): Promise<number> {
  const domain = clusterDomain(flags.clusterDomain);
  for (const name of names) {
    if (!isName(name)) throw new SwitchboardError('SWB_USAGE', `"${name}" is no name of a host`);
  }
  const named = flags.server.map(text => dnsPlace('--server', text));
  const places = [...named, ...(await runningDnsPlaces())];
  if (flags.fix && (await removeBlocks(hostsPath('/'), 'stale'))) {
    process.stderr.write('fixed: blocks of ended processes are out of the hosts file\n');
  }
  const running = await ofRunning().catch(ignoreNone);
  const { namespace } = flags;
  const known = addressesByName(running, { domain, namespace });
  const chosen = names.length > 0 ? names : usualNames(running, domain);
  const seen = await examine(chosen, { domain, namespace, places, expected: name => known.get(name) });
  const all = seen.map(each => diagnose(each, findingsOf(each)));
  process.stdout.write(flags.output === 'json' ? json(all) : text(all));
  const fine = all.every(({ resolves, findings }) => resolves && findings.every(({ level }) => level === 'note'));
  return fine ? EXIT.fine : EXIT.finding;
}

function ignoreNone(error: unknown): undefined {
  if (SwitchboardError.is(error) && error.code === 'SWB_NOT_RUNNING') return undefined;
  throw error;
}

function isName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  return text.length <= 254 && labels.every(label => /^[\w]([\w-]{0,61}[\w])?$/.test(label));
}

function usualNames(running: Named | undefined, domain: string): string[] {
  const services = running?.services ?? [];
  if (services.length === 0) return [`kubernetes.default.svc.${domain}`];
  return services.slice(0, MOST_NAMES).map(({ name, namespace }) => `${name}.${namespace}.svc.${domain}`);
}

/** Every spelling of a Service of the running `up`, and where it listens. */
function addressesByName(
  running: Named | undefined,
  options: { readonly domain: string; readonly namespace: string },
): ReadonlyMap<string, readonly string[]> {
  const { lines } = hostsNames(running?.services ?? [], { ...options, taken: new Set() });
  const known = new Map<string, string[]>();
  for (const { address, names } of lines) {
    for (const name of names) known.set(name, [...(known.get(name) ?? []), address]);
  }
  return known;
}

/** What is true of the machine is said once, below the last name. */
function text(all: readonly Diagnosis[]): string {
  const said = new Set<string>();
  return all
    .map(each => {
      const findings = each.findings.filter(({ says }) => !said.has(says));
      for (const { says } of findings) said.add(says);
      return diagnosisText({ ...each, findings });
    })
    .join('\n');
}

function json(all: readonly Diagnosis[]): string {
  const items = all.map(({ name, resolves, verdict, findings, seen }) => ({
    name,
    resolves,
    verdict,
    asked: seen.asked,
    paths: seen.paths.map(({ path, outcome }) => ({ ...path, outcome })),
    system: seen.system,
    findings,
  }));
  return `${JSON.stringify({ apiVersion: 'switchboard/v1', kind: 'DoctorReport', items }, null, 2)}\n`;
}
