import { hostPort } from '../../../net/index.ts';
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
import { print } from '../../terminal.ts';
import type { DnsStatusFlags } from './flags.ts';

/** An installed rule and its problems. */
interface RuleStatus extends RuleHealth {
  readonly problems: readonly string[];
}

/** @returns the exit code: 1 if an installed rule does not work. @throws SWB_SETUP_CONFLICT, SWB_SETUP_FAILED */
export async function dnsStatus({ root, output }: DnsStatusFlags): Promise<number> {
  const state = await readSystemState(root);
  const resolver = activeResolver(state);
  const rules = await Promise.all(installedRules(state).map(rule => statusOf(rule, resolver, state)));
  const hosts = await readHosts(hostsPath(root));
  const fine = rules.every(each => each.problems.length === 0) && hosts.blocks.every(block => !block.stale);
  print(output === 'json' ? json() : text());
  return fine ? EXIT.fine : EXIT.finding;

  function text(): string {
    const lines = [
      `resolver: ${resolverText(resolver)}`,
      ...(rules.length === 0 ? ['installed: nothing'] : rules.flatMap(ruleLines)),
      ...(hosts.blocks.length === 0
        ? [`hosts file: no entries of Switchboard in ${hosts.path}`]
        : hosts.blocks.map(block => `hosts file: ${blockText(block)}, in ${hosts.path}`)),
    ];
    return `${lines.join('\n')}\n`;
  }

  function json(): string {
    const data = {
      apiVersion: 'switchboard/v1',
      kind: 'DnsStatus',
      fine,
      resolver,
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

async function statusOf(installed: Installed, resolver: ActiveResolver, state: SystemState): Promise<RuleStatus> {
  const health = await ruleHealth(installed, resolver);
  const { rule } = installed;
  const problems: string[] = [];
  if (rule === undefined) {
    problems.push(
      'it was edited after the installation: run "switchboard dns uninstall", then "switchboard dns install"',
    );
  } else if (!health.serverAnswers) {
    const place = hostPort(rule.address, rule.port);
    problems.push(
      `no DNS server at ${place} answers for ${rule.domain}: start "switchboard up" or "switchboard dns", or run "switchboard dns install" again if it listens elsewhere`,
    );
  }
  if (!health.isRead) problems.push(`the system does not use it: ${resolverText(resolver)}`);
  else if (health.serverAnswers && state.root === '/' && rule !== undefined) {
    const resolves = await systemResolves(rule.domain, state);
    if (resolves === false)
      problems.push(`${installed.mechanism} does not query that server: check whether it reads this configuration`);
  }
  return { ...health, problems };
}

function ruleLines({ installed: { rule, place }, problems }: RuleStatus): string[] {
  const what = rule === undefined ? '' : `queries for ${rule.domain} go to ${hostPort(rule.address, rule.port)}, `;
  return [
    `installed: ${what}by ${place}${problems.length === 0 ? ': works' : ''}`,
    ...problems.map(problem => `  problem: ${problem}`),
  ];
}

export function resolverText(resolver: ActiveResolver): string {
  if (resolver.kind === 'whole') return `${resolver.why}; it cannot use a DNS server for one domain only`;
  return `${resolver.name}: ${resolver.because}`;
}

function blockText({ owner, stale, lines }: FoundBlock): string {
  const count = `${lines.length} line${lines.length === 1 ? '' : 's'}`;
  const left = stale ? ', which has ended: remove it with "switchboard dns uninstall"' : '';
  return `${count} for ${ownerText(owner)}${left}`;
}
