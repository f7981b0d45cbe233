import { hostPort } from '../../../kube/address.ts';
import {
  type ActiveResolver,
  activeResolver,
  type FoundBlock,
  hostsPath,
  type Installed,
  installedRules,
  ownerText,
  type RuleHealth,
  readHosts,
  readSystemState,
  ruleHealth,
  type SystemState,
  systemResolves,
} from '../../../resolver-setup/index.ts';
import { EXIT } from '../../exit-codes.ts';
import type { DnsStatusFlags } from './flags.ts';

/** What of ours is set, and what is wrong with it. */
interface RuleStatus extends RuleHealth {
  readonly problems: readonly string[];
}

/** @returns the exit code: 1 if something of ours does not work. @throws SWB_SETUP_CONFLICT, SWB_SETUP_FAILED */
export async function dnsStatus({ root, output }: DnsStatusFlags): Promise<number> {
  const state = await readSystemState(root);
  const charge = activeResolver(state);
  const rules = await Promise.all(installedRules(state).map(rule => statusOf(rule, charge, state)));
  const hosts = await readHosts(hostsPath(root));
  const fine = rules.every(each => each.problems.length === 0) && hosts.blocks.every(block => !block.stale);
  process.stdout.write(output === 'json' ? json() : text());
  return fine ? EXIT.fine : EXIT.finding;

  function text(): string {
    const lines = [
      `resolver: ${chargeText(charge)}`,
      ...(rules.length === 0 ? ['installed: nothing'] : rules.flatMap(ruleLines)),
      ...(hosts.blocks.length === 0
        ? [`hosts file: nothing of ours in ${hosts.path}`]
        : hosts.blocks.map(block => `hosts file: ${blockText(block)}, in ${hosts.path}`)),
    ];
    return `${lines.join('\n')}\n`;
  }

  function json(): string {
    const data = {
      apiVersion: 'switchboard/v1',
      kind: 'DnsStatus',
      fine,
      resolver: charge,
      installed: rules.map(({ installed: { mechanism, place, rule }, serverAnswers, problems }) => ({
        mechanism,
        place,
        ...rule,
        serverAnswers,
        problems,
      })),
      hostsFile: {
        path: hosts.path,
        blocks: hosts.blocks.map(({ owner, stale, lines }) => ({ owner, stale, lines })),
      },
    };
    return `${JSON.stringify(data, null, 2)}\n`;
  }
}

async function statusOf(installed: Installed, charge: ActiveResolver, state: SystemState): Promise<RuleStatus> {
  const health = await ruleHealth(installed, charge);
  const { rule } = installed;
  const problems: string[] = [];
  if (rule === undefined) {
    problems.push('somebody has edited it: "switchboard dns uninstall" takes it away, "dns install" writes it anew');
  } else if (!health.serverAnswers) {
    const place = hostPort(rule.address, rule.port);
    problems.push(
      `nobody at ${place} answers for ${rule.domain}: start "switchboard up" or "switchboard dns", or install again if it listens elsewhere now`,
    );
  }
  if (!health.isRead) problems.push(`it is not asked: ${chargeText(charge)}`);
  else if (health.serverAnswers && state.root === '/' && rule !== undefined) {
    const heard = await systemResolves(rule.domain, state);
    if (heard === false) problems.push(`${installed.mechanism} does not ask there: see whether it reads that file`);
  }
  return { ...health, problems };
}

function ruleLines({ installed: { rule, place }, problems }: RuleStatus): string[] {
  const what = rule === undefined ? '' : `${rule.domain} is asked at ${hostPort(rule.address, rule.port)}, `;
  return [
    `installed: ${what}by ${place}${problems.length === 0 ? ': works' : ''}`,
    ...problems.map(problem => `  problem: ${problem}`),
  ];
}

export function chargeText(charge: ActiveResolver): string {
  if (charge.kind === 'whole') return `${charge.why}; it cannot be told of one domain`;
  return `${charge.name} decides: ${charge.because}`;
}

function blockText({ owner, stale, lines }: FoundBlock): string {
  const many = `${lines.length} line${lines.length === 1 ? '' : 's'}`;
  const left = stale ? ', which has ended: remove it with "switchboard dns uninstall"' : '';
  return `${many} for ${ownerText(owner)}${left}`;
}
