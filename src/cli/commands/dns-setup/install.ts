import { setTimeout as pause } from 'node:timers/promises';
import { SwitchboardError } from '../../../errors.ts';
import { hostPort, type SocketAddress } from '../../../net/index.ts';
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
import { message, print, printErr } from '../../terminal.ts';
import { confirmed } from './confirm.ts';
import type { DnsInstallFlags } from './flags.ts';
import { installHostsLines } from './install-hosts.ts';

/**
 * Configures the system's resolver to query Switchboard's DNS server for one domain.
 *
 * @returns the exit code
 * @throws SWB_USAGE, SWB_SETUP_UNSUPPORTED, SWB_SETUP_CONFLICT, SWB_SETUP_FAILED; with --hosts-file what `namedServices` throws
 */
export async function dnsInstall(flags: DnsInstallFlags): Promise<number> {
  const domain = ownDomain(flags.clusterDomain);
  if (flags.hostsFile) return installHostsLines(flags, domain);
  if (flags.filename.length > 0) {
    throw new SwitchboardError(
      'SWB_USAGE',
      "-f needs --hosts-file; without it, the names come from Switchboard's DNS server",
    );
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
      message(`nothing to do: ${decision.place} already sends ${ruleText(rule)}`);
      return EXIT.fine;
    case 'plan':
      if (
        !(await carryOutConfirmed(
          decision.plan,
          flags,
          `these changes send ${ruleText(rule)}, and no other queries, by ${name}:`,
        ))
      ) {
        return flags.print ? EXIT.fine : EXIT.finding;
      }
      printErr(
        `installed: queries for ${domain} go to ${hostPort(rule.address, rule.port)}${await hintAfter(rule, state)}\n`,
      );
      return EXIT.fine;
  }
}

/** @returns whether the changes were made */
async function carryOutConfirmed(plan: Plan, flags: DnsInstallFlags, heading: string): Promise<boolean> {
  const notes = plan.notes.map(note => `note: ${note}\n`).join('');
  if (flags.print) {
    print(planScript(plan));
    printErr(notes);
    return false;
  }
  if (!(await confirmed(`${heading}\n${planText(plan)}${notes}`, flags))) return false;
  await carryOut(plan, flags.root);
  return true;
}

/** What is still missing before names resolve, or nothing. */
async function hintAfter(rule: Rule, state: SystemState): Promise<string> {
  if (state.root !== '/') return '';
  if (!(await answersFor(rule, rule.domain))) {
    return '; no DNS server answers there yet: start "switchboard up" or "switchboard dns"';
  }
  // A restarted resolver may need a moment before it listens.
  for (const until = performance.now() + RELOAD_TIMEOUT_MS; performance.now() < until; await pause(POLL_INTERVAL_MS)) {
    if ((await systemResolves(rule.domain, state)) !== false) return '';
  }
  return '\nwarning: the system does not query that server: check whether its resolver reads this configuration';
}

const RELOAD_TIMEOUT_MS = 3000;
const POLL_INTERVAL_MS = 100;

/** @throws SWB_SETUP_UNSUPPORTED */
function mechanismOf(state: SystemState): MechanismName {
  const resolver = activeResolver(state);
  if (resolver.kind === 'mechanism') return resolver.name;
  throw new SwitchboardError(
    'SWB_SETUP_UNSUPPORTED',
    `${resolver.why}: it would send all queries to Switchboard's DNS server. Use "switchboard run -f ... -- COMMAND" to give names to one command, or --hosts-file to write them to the hosts file`,
  );
}

/** The mechanism shows which system the tree of --root belongs to. */
function platformOf(name: MechanismName | undefined): NodeJS.Platform {
  if (name === 'macos') return 'darwin';
  return name === 'windows' ? 'win32' : process.platform;
}

const DEFAULT_SERVER: SocketAddress = { address: '127.0.0.1', port: 1053 };

async function serverOf({ server, root }: DnsInstallFlags, domain: string): Promise<SocketAddress> {
  if (server !== undefined) return dnsPlace('--server', server);
  const [found] = root === '/' ? await serversOf(domain, [...(await runningDnsPlaces()), ...DEFAULT_ADDRESSES]) : [];
  return found ?? DEFAULT_SERVER;
}

function ruleText({ domain, address, port }: Rule): string {
  return `queries for ${domain} to ${hostPort(address, port)}`;
}
