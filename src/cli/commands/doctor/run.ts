import { type Diagnosis, diagnose, diagnosisText, examine, findingsOf } from '../../../doctor/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { hostsNames, hostsPath, removeBlocks } from '../../../resolver-setup/index.ts';
import { clusterDomain } from '../../dns/cluster-domain.ts';
import { type NamedSet, runningServices } from '../../dns/named-services.ts';
import { dnsPlace } from '../../dns/places.ts';
import { runningDnsPlaces } from '../../dns/running-server.ts';
import { EXIT } from '../../exit-codes.ts';
import { undefinedIfNotRunning } from '../../instances.ts';
import { message, print } from '../../terminal.ts';
import type { DoctorFlags } from './flags.ts';

/** How many names of a running `up` are looked up without NAME. */
const MAX_NAMES = 5;

/**
 * Reports why names do or do not resolve.
 *
 * @returns the exit code: 1 if a name does not resolve or a problem is found
 * @throws SWB_USAGE, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED
 */
export async function doctor(names: readonly string[], flags: DoctorFlags): Promise<number> {
  const domain = clusterDomain(flags.clusterDomain);
  for (const name of names) {
    if (!isName(name)) throw new SwitchboardError('SWB_USAGE', `"${name}" is not a host name`);
  }
  const servers = flags.server.map(text => dnsPlace('--server', text));
  const places = [...servers, ...(await runningDnsPlaces())];
  if (flags.fix && (await removeBlocks(hostsPath('/'), 'stale'))) {
    message('fixed: removed the entries of ended processes from the hosts file');
  }
  const running = await runningServices().catch(undefinedIfNotRunning);
  const { namespace } = flags;
  const expected = addressesByName(running, { domain, namespace });
  const chosen = names.length > 0 ? names : defaultNames(running, domain);
  const examinations = await examine(chosen, { domain, namespace, places, expected: name => expected.get(name) });
  const all = examinations.map(each => diagnose(each, findingsOf(each)));
  print(flags.output === 'json' ? json(all) : text(all));
  const fine = all.every(({ resolves, findings }) => resolves && findings.every(({ level }) => level === 'note'));
  return fine ? EXIT.fine : EXIT.finding;
}

function isName(text: string): boolean {
  const labels = text.replace(/\.$/, '').split('.');
  return text.length <= 254 && labels.every(label => /^[\w]([\w-]{0,61}[\w])?$/.test(label));
}

function defaultNames(running: NamedSet | undefined, domain: string): string[] {
  const services = running?.services ?? [];
  if (services.length === 0) return [`kubernetes.default.svc.${domain}`];
  return services.slice(0, MAX_NAMES).map(({ name, namespace }) => `${name}.${namespace}.svc.${domain}`);
}

/** Every form of the names of a running `up`'s Services, with the addresses on which they listen. */
function addressesByName(
  running: NamedSet | undefined,
  options: { readonly domain: string; readonly namespace: string },
): ReadonlyMap<string, readonly string[]> {
  const { lines } = hostsNames(running?.services ?? [], { ...options, taken: new Set() });
  const addresses = new Map<string, string[]>();
  for (const { address, names } of lines) {
    for (const name of names) addresses.set(name, [...(addresses.get(name) ?? []), address]);
  }
  return addresses;
}

/** Prints findings that concern the whole machine once. */
function text(all: readonly Diagnosis[]): string {
  const printed = new Set<string>();
  return all
    .map(each => {
      const findings = each.findings.filter(({ says }) => !printed.has(says));
      for (const { says } of findings) printed.add(says);
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
