/** The tables of the DNS bench. Ratios are ratios of medians, to dnsmasq. */
import { median } from '../../testing/statistics.ts';
import type { Latency, Load } from './load.ts';
import type { Kind } from './world.ts';

export interface LoadRow {
  readonly services: number;
  readonly kind: Kind;
  readonly name: string;
  readonly loads: readonly Load[];
}

export function loadTable(rows: readonly LoadRow[]): string {
  const lines = rows.map(row => {
    const peer =
      rows.find(r => r.services === row.services && r.kind === row.kind && r.name.startsWith('dnsmasq')) ?? row;
    const of = (value: (load: Load) => number, { loads }: LoadRow) => median(loads.map(value));
    const rate = of(load => load.rate, row);
    const cost = of(load => load.perProcessorSecond, row);
    return [
      String(row.services),
      row.kind,
      row.name,
      `${thousands(rate)} (${row.loads.map(load => thousands(load.rate)).join(' ')})`,
      ratio(
        rate,
        of(load => load.rate, peer),
      ),
      thousands(cost),
      ratio(
        cost,
        of(load => load.perProcessorSecond, peer),
      ),
      String(row.loads.reduce((sum, load) => sum + load.lost, 0)),
    ];
  });
  const title = [
    'Services',
    'query',
    'server',
    'answers per second',
    'of dnsmasq',
    'per processor second',
    'of dnsmasq',
    'lost',
  ];
  return table(title, lines);
}

export function latencyTable(all: readonly { name: string; half: number; runs: readonly Latency[] }[]): string {
  const lines = all.map(({ name, half, runs }) => [
    name,
    thousands(half),
    thousands(median(runs.map(run => run.rate))),
    `${median(runs.map(run => run.p50Ms)).toFixed(2)} ms`,
    `${median(runs.map(run => run.p99Ms)).toFixed(2)} ms (${runs.map(run => run.p99Ms.toFixed(2)).join(' ')})`,
    String(runs.reduce((sum, run) => sum + run.lost, 0)),
  ]);
  return table(['server', 'queries per second', 'answered', 'p50', 'p99', 'lost'], lines);
}

function table(title: readonly string[], lines: readonly (readonly string[])[]): string {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(title), row(title.map(() => '---')), ...lines.map(row)].join('\n');
}

function thousands(value: number): string {
  return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)}k`;
}

function ratio(value: number, of: number): string {
  return (value / of).toFixed(2);
}
