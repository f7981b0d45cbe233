import { setTimeout as pause } from 'node:timers/promises';
import { SwitchboardError } from '../../../errors.ts';
import { hostPort, type SocketAddress } from '../../../kube/address.ts';
import {
  activeResolver,
  answersFor,
  carryOut,
  DEFAULT_ADDRESSES,
  type MechanismName,
  mechanism,
  type Plan,
  planScript,
  planText,
  type Rule,
  readSystemState,
  type SystemState,
  serversOf,
  systemResolves,
} from '../../../resolver-setup/index.ts';
import { ownDomain } from '../../dns/cluster-domain.ts';
import { dnsPlace } from '../../dns/places.ts';
import { runningDnsPlaces } from '../../dns/running-server.ts';
import { EXIT } from '../../exit-codes.ts';
import { confirmed } from './confirm.ts';
import type { DnsInstallFlags } from './flags.ts';
import { installHostsLines } from './install-hosts.ts';

/**
 * Has the system ask our server for one domain.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_UNSUPPORTED, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED; with --hosts-file what `namedServices` throws
 */
export async function dnsInstall(flags: DnsInstallFlags): Promise<number> {
  const domain = ownDomain(flags.clusterDomain);
  if (flags.hostsFile) return installHostsLines(flags, domain);
  if (flags.filename.length > 0) {
    throw new SwitchboardError('SWB_USAGE', '-f is for --hosts-file; without it our server knows the names');
  }
  const state = await readSystemState(flags.root, platformOf(flags.mechanism));
  const name = flags.mechanism ?? mechanismOf(state);
  const server = await serverOf(flags, domain);
  const rule: Rule = { domain, ...server };
  const decision = mechanism(name).install(rule, state);
  switch (decision.kind) {
    case 'unsupported':
      throw new SwitchboardError('SWB_SETUP_UNSUPPORTED', decision.why);
    case 'conflict':
      throw new SwitchboardError('SWB_SETUP_CONFLICT', decision.why);
    case 'done':
      process.stderr.write(`nothing to do: ${decision.place} leads ${ruleText(rule)}\n`);
      return EXIT.fine;
    case 'plan':
      if (
        !(await carryOutAsked(decision.plan, flags, `this leads ${ruleText(rule)}, and no other name, by ${name}:`))
      ) {
        return flags.print ? EXIT.fine : EXIT.finding;
      }
      process.stderr.write(`installed: ${ruleText(rule)}${await hintAfter(rule, state)}\n`);
      return EXIT.fine;
  }
}

/** @returns whether it was done, and not only shown */
async function carryOutAsked(plan: Plan, flags: DnsInstallFlags, heading: string): Promise<boolean> {
  const notes = plan.notes.map(note => `note: ${note}\n`).join('');
  if (flags.print) {
    process.stdout.write(planScript(plan));
    process.stderr.write(notes);
    return false;
  }
  if (!(await confirmed(`${heading}\n${planText(plan)}${notes}`, flags))) return false;
  await carryOut(plan, flags.root);
  return true;
}

/** Whether it works now, and if not, what is still missing. */
async function hintAfter(rule: Rule, state: SystemState): Promise<string> {
  if (state.root !== '/') return '';
  if (!(await answersFor(rule, rule.domain))) {
    return '; nobody answers there yet: start "switchboard up" or "switchboard dns"';
  }
  // What has been started anew may take a moment until it listens.
  for (const until = performance.now() + SETTLE_MS; performance.now() < until; await pause(LOOK_AGAIN_MS)) {
    if ((await systemResolves(rule.domain, state)) !== false) return '';
  }
  return '\nwarning: the system does not ask there: see whether what decides about names reads that file';
}

const SETTLE_MS = 3000;
const LOOK_AGAIN_MS = 100;

/** @throws SWB_SETUP_UNSUPPORTED */
function mechanismOf(state: SystemState): MechanismName {
  const charge = activeResolver(state);
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

const USUAL: SocketAddress = { address: '127.0.0.1', port: 1053 };

async function serverOf({ server, root }: DnsInstallFlags, domain: string): Promise<SocketAddress> {
  if (server !== undefined) return dnsPlace('--server', server);
  const [found] = root === '/' ? await serversOf(domain, [...(await runningDnsPlaces()), ...DEFAULT_ADDRESSES]) : [];
  return found ?? USUAL;
}

function ruleText({ domain, address, port }: Rule): string {
  return `${domain} to ${hostPort(address, port)}`;
}
