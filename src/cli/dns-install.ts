import { zoneLabels } from '../dns/index.ts';
import { SwitchboardError } from '../errors.ts';
import { hostPort } from '../kube/address.ts';
import {
  answersFor,
  blockLines,
  carryOut,
  type HostsNames,
  hostsNames,
  hostsPath,
  inCharge,
  installedRules,
  type MechanismName,
  mechanism,
  ownerText,
  type Place,
  type Plan,
  planScript,
  planText,
  type ResolverFacts,
  type Rule,
  readFacts,
  readHosts,
  removeBlocks,
  serversOf,
  writeBlock,
} from '../resolver-setup/index.ts';
import type { DnsInstallFlags, SetupFlags } from './commands/dns-setup.ts';
import { confirmed } from './confirm.ts';
import { dnsPlace } from './dns-places.ts';
import { EXIT } from './exit-codes.ts';
import { type Named, namedServices } from './named-services.ts';

/**
 * Has the system ask our server for one domain.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_UNSUPPORTED, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED; with --hosts-file what `namedServices` throws
 */
export async function dnsInstall(flags: DnsInstallFlags): Promise<number> {
  const domain = ownDomain(flags.clusterDomain);
  if (flags.hostsFile) return installHosts(flags, domain);
  if (flags.filename.length > 0) {
    throw new SwitchboardError('SWB_USAGE', '-f is for --hosts-file; without it our server knows the names');
  }
  const facts = await readFacts(flags.root, platformOf(flags.mechanism));
  const name = flags.mechanism ?? mechanismOf(facts);
  const server = await serverOf(flags, domain);
  const rule: Rule = { domain, ...server };
  const decision = mechanism(name).install(rule, facts);
  switch (decision.kind) {
    case 'unsupported':
      throw new SwitchboardError('SWB_SETUP_UNSUPPORTED', decision.why);
    case 'conflict':
      throw new SwitchboardError('SWB_SETUP_CONFLICT', decision.why);
    case 'done':
      process.stderr.write(`nothing to do: ${decision.place} leads ${ruleText(rule)}\n`);
      return EXIT.fine;
    case 'plan':
      return carryOutAsked(
        decision.plan,
        flags,
        `this leads ${ruleText(rule)}, and no other name, by ${name}:`,
        async () => {
          const answers = flags.root !== '/' || (await answersFor(server, domain));
          const hint = answers ? '' : `; nobody answers there yet: start "switchboard up" or "switchboard dns"`;
          process.stderr.write(`installed: ${ruleText(rule)}${hint}\n`);
        },
      );
  }
}

/**
 * Undoes it.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED
 */
export async function dnsUninstall(flags: SetupFlags): Promise<number> {
  const facts = await readFacts(flags.root);
  const rules = installedRules(facts);
  const path = hostsPath(flags.root);
  const { blocks } = await readHosts(path);
  if (rules.length === 0 && blocks.length === 0) {
    process.stderr.write('nothing to do: nothing of ours is installed\n');
    return EXIT.fine;
  }
  const plan: Plan = { steps: distinct(rules.flatMap(rule => rule.undo)), notes: [] };
  const lines = blocks.map(({ owner }) => `take the block for ${ownerText(owner)} out of ${path}\n`);
  if (flags.print) {
    const cut = blocks.length === 0 ? '' : `sed -i '/^# switchboard: begin /,/^# switchboard: end/d' ${path}\n`;
    process.stdout.write(`${planScript(plan)}${cut}`);
    return EXIT.fine;
  }
  if (!(await confirmed(`${planText(plan)}${lines.join('')}`, flags))) return notDone();
  await carryOut(plan, flags.root);
  if (blocks.length > 0) await removeBlocks(path, 'all');
  process.stderr.write('uninstalled\n');
  return EXIT.fine;
}

async function installHosts(flags: DnsInstallFlags, domain: string): Promise<number> {
  const named = await namedServices(flags);
  const path = hostsPath(flags.root);
  const { others } = await readHosts(path);
  const taken = new Set(others.flatMap(line => line.names));
  const names = hostsNames(named.services, { domain, namespace: flags.namespace ?? 'default', taken });
  if (names.lines.length === 0) {
    throw new SwitchboardError('SWB_NOT_FOUND', 'no Service has an address that a name could lead to');
  }
  const block = blockLines(named.owner, names.lines);
  if (flags.print) {
    process.stdout.write(`${block.join('\n')}\n`);
    return EXIT.fine;
  }
  const what = `add to ${path}\n${block.map(line => `    ${line}\n`).join('')}`;
  if (!(await confirmed(`${what}${hostsNotes(named, names)}`, flags))) return notDone();
  const changed = await writeBlock(path, named.owner, names.lines);
  process.stderr.write(
    changed ? `installed: ${many(names.lines.length)} in ${path}\n` : 'nothing to do: they are there\n',
  );
  return EXIT.fine;
}

function hostsNotes(named: Named, names: HostsNames): string {
  const left = names.left.length === 0 ? [] : [`other lines have these names, and keep them: ${names.left.join(', ')}`];
  const ends =
    named.owner.kind === 'process'
      ? [
          'the lines do not follow changes: install again after one; when "switchboard up" has ended they lead nowhere, and the next install, uninstall or "doctor --fix" takes them out',
        ]
      : [];
  return [...named.notes, ...left, ...ends].map(note => `note: ${note}\n`).join('');
}

async function carryOutAsked(
  plan: Plan,
  flags: SetupFlags,
  heading: string,
  after: () => Promise<void>,
): Promise<number> {
  const notes = plan.notes.map(note => `note: ${note}\n`).join('');
  if (flags.print) {
    process.stdout.write(planScript(plan));
    process.stderr.write(notes);
    return EXIT.fine;
  }
  if (!(await confirmed(`${heading}\n${planText(plan)}${notes}`, flags))) return notDone();
  await carryOut(plan, flags.root);
  await after();
  return EXIT.fine;
}

function many(lines: number): string {
  return `${lines} line${lines === 1 ? '' : 's'}`;
}

function notDone(): number {
  process.stderr.write('nothing was done\n');
  return EXIT.finding;
}

/** @throws SWB_SETUP_UNSUPPORTED */
function mechanismOf(facts: ResolverFacts): MechanismName {
  const charge = inCharge(facts);
  if (charge.kind === 'mechanism') return charge.name;
  throw new SwitchboardError(
    'SWB_SETUP_UNSUPPORTED',
    `${charge.why}: ours would be asked for every name. "switchboard run -f ... -- COMMAND" gives one command the names, --hosts-file writes them into the hosts file`,
  );
}

/** Another system's tree says by what is asked for what system it is. */
function platformOf(name: MechanismName | undefined): NodeJS.Platform {
  if (name === 'macos') return 'darwin';
  return name === 'windows' ? 'win32' : process.platform;
}

const USUAL: Place = { address: '127.0.0.1', port: 1053 };

async function serverOf({ server, root }: DnsInstallFlags, domain: string): Promise<Place> {
  if (server !== undefined) return dnsPlace('--server', server);
  const [found] = root === '/' ? await serversOf(domain) : [];
  return found ?? USUAL;
}

/** Names that everybody's programs need: to have them would be to have the resolver. */
const NOT_OURS: ReadonlySet<string> = new Set(['local', 'localhost', 'arpa', 'com', 'net', 'org']);

/** @throws SWB_USAGE */
export function ownDomain(text: string): string {
  if (text === '' || text === '.') {
    throw new SwitchboardError('SWB_USAGE', `--cluster-domain ${text}: the root is every name; write cluster.local`);
  }
  const domain = zoneLabels(text).join('.');
  if (NOT_OURS.has(domain)) {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--cluster-domain ${domain}: others' names are below it; write cluster.local`,
    );
  }
  return domain;
}

export function ruleText({ domain, address, port }: Rule): string {
  return `${domain} to ${hostPort(address, port)}`;
}

/** Several rules may end with the same program being told. */
function distinct<T>(steps: readonly T[]): T[] {
  const seen = new Map(steps.map(step => [JSON.stringify(step), step]));
  return [...seen.values()];
}
