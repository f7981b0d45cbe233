import { escapeControls } from '../data/index.ts';
import { hostPort } from '../net/index.ts';
import type { Examination, Finding, Outcome, PathAnswer } from './examination.ts';

/** The diagnosis of one name. */
export interface Diagnosis {
  readonly name: string;
  readonly resolves: boolean;
  /** One line: whether it resolves, to what and by which way, or what prevents it. */
  readonly verdict: string;
  readonly findings: readonly Finding[];
  readonly seen: Examination;
}

export function diagnose(seen: Examination, findings: readonly Finding[]): Diagnosis {
  const { name, system } = seen;
  const common = { name, findings, seen };
  if (system.kind !== 'found') {
    const why = findings.find(({ level }) => level === 'problem')?.says ?? noReason(seen);
    return { ...common, resolves: false, verdict: `${name} does not resolve: ${why}` };
  }
  const by = seen.paths.find(({ path, outcome }) => path.kind !== 'ours' && agrees(outcome, system.addresses));
  const way = by === undefined ? 'a way that doctor does not check' : pathText(by);
  return { ...common, resolves: true, verdict: `${name} resolves to ${system.addresses.join(', ')}, by ${way}` };
}

function noReason({ paths, name }: Examination): string {
  const last = paths.findLast(({ path }) => path.kind !== 'hosts');
  return last === undefined
    ? 'no DNS server is configured'
    : `${pathText(last)} answers ${outcomeText(last.outcome, name)}`;
}

function agrees(outcome: Outcome, addresses: readonly string[]): boolean {
  return outcome.kind === 'found' && outcome.addresses.some(address => addresses.includes(address));
}

/** The diagnosis for people: the verdict, the result of each way, and the findings. */
export function diagnosisText({ seen, verdict, findings }: Diagnosis): string {
  const rows = [
    ...seen.paths.map(answer => [pathText(answer), outcomeText(answer.outcome, seen.name)]),
    ['programs (getaddrinfo)', outcomeText(seen.system, seen.name)],
    ...(seen.full === undefined || seen.full.name === seen.name
      ? []
      : [[`programs, ${seen.full.name}`, outcomeText(seen.full.system, seen.full.name)]]),
  ];
  const width = Math.max(...rows.map(([where = '']) => where.length));
  const table = rows.map(([where = '', what = '']) => `  ${where.padEnd(width + 3)}${escapeControls(what)}`);
  return `${[verdict, ...table, ...findings.flatMap(findingLines)].join('\n')}\n`;
}

function findingLines({ level, says, fix }: Finding): string[] {
  return [`${level}: ${says}`, ...(fix === undefined ? [] : [`  fix: ${fix}`])].map(line => escapeControls(line));
}

export function pathText({ path }: PathAnswer): string {
  switch (path.kind) {
    case 'hosts':
      return 'the hosts file';
    case 'resolved':
      return `systemd-resolved (${path.place.address})`;
    case 'resolv.conf':
      return `${path.place.address} (resolv.conf)`;
    case 'ours':
      return `Switchboard's server (${hostPort(path.place.address, path.place.port)})`;
  }
}

function outcomeText(outcome: Outcome, name: string): string {
  switch (outcome.kind) {
    case 'found': {
      const as = outcome.name === name.replace(/\.$/, '').toLowerCase() ? '' : `, as ${outcome.name}`;
      return `${outcome.addresses.join(', ')}${as}`;
    }
    case 'nothing':
      return outcome.why;
    case 'silent':
      return `no answer within ${outcome.ms / 1000} s`;
    case 'failed':
      return outcome.why;
  }
}
