/** The table and the JSON line. */
import type { Measured } from './connections.ts';

export interface Figures {
  readonly syncMs: number;
  readonly changeP50Ms: number;
  readonly changeP99Ms: number;
  /** The number of changes behind these figures. */
  readonly changes: number;
  readonly burstMs: number;
  readonly kernelMb: number;
  /** After the first sync, and after all changes. */
  readonly rssMb: number;
  readonly rssAfterMb: number;
  readonly peakMb: number;
  readonly chains: number;
  readonly rules: number;
}

export interface Row {
  readonly services: number;
  /** direct, one rule, switchboard, kube-proxy, or shape of kube-proxy. */
  readonly what: string;
  readonly figures: Partial<Figures>;
  readonly connections: Measured | undefined;
}

type Cell = (row: Row, direct: Measured | undefined) => string;

const COLUMNS: readonly (readonly [string, Cell])[] = [
  ['Services', ({ services }) => String(services)],
  ['', ({ what }) => what],
  ['full sync', ({ figures }) => time(figures.syncMs)],
  ['change p50', ({ figures }) => time(figures.changeP50Ms)],
  ['change p99 (of)', ({ figures }) => of(time(figures.changeP99Ms), figures.changes)],
  ['burst of 1,000', ({ figures }) => time(figures.burstMs)],
  ['kernel MB', ({ figures }) => number(figures.kernelMb)],
  ['RSS MB: synced', ({ figures }) => number(figures.rssMb)],
  ['after changes', ({ figures }) => number(figures.rssAfterMb)],
  ['peak', ({ figures }) => number(figures.peakMb)],
  ['chains', ({ figures }) => String(figures.chains ?? '')],
  ['rules', ({ figures }) => String(figures.rules ?? '')],
  ['connect from client p50 / p99 us', ({ connections }) => pair(connections?.client)],
  ['from node p50 / p99 us', ({ connections }) => pair(connections?.node)],
  [
    'over direct, client / node, us',
    (row, direct) => both(overhead(row, direct, 'client'), overhead(row, direct, 'node')),
  ],
  ['Gbit/s', ({ connections }) => number(connections?.gbits)],
  ['of direct', ({ connections }, direct) => ratio(connections?.gbits, direct?.gbits)],
];

export function tableOf(rows: readonly Row[]): string {
  const lines = [
    COLUMNS.map(([title]) => title),
    COLUMNS.map(() => '---'),
    ...rows.map(row => COLUMNS.map(([, cell]) => cell(row, directOf(rows, row)))),
  ];
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

export function jsonOf(rows: readonly Row[]): string {
  return JSON.stringify(rows, (_key, value: unknown) =>
    typeof value === 'number' ? Number(value.toPrecision(5)) : value,
  );
}

/** Ratios of Switchboard to the peer at each size, and of the largest size to the smallest. */
export function ratiosOf(rows: readonly Row[]): string {
  const lines = rows
    .filter(({ what }) => what === 'switchboard')
    .map(ours => {
      const peer = rows.find(({ services, what }) => services === ours.services && what.includes('kube-proxy'));
      const direct = directOf(rows, ours);
      const over = (from: 'client' | 'node') =>
        ratio(overhead(ours, direct, from), peer === undefined ? undefined : overhead(peer, direct, from));
      const figures = (name: keyof Figures) => ratio(ours.figures[name], peer?.figures[name]);
      const parts = [
        `full sync ${figures('syncMs')}`,
        `change p50 ${figures('changeP50Ms')}`,
        `burst ${figures('burstMs')}`,
        `kernel memory ${figures('kernelMb')}`,
        `process memory ${figures('rssMb')}`,
        `connection overhead from a client ${over('client')}, from the node ${over('node')}`,
      ];
      return `- ${ours.services} Services, ratios of Switchboard to the peer: ${parts.join(', ')}`;
    });
  const ours = rows.filter(({ what, figures }) => what === 'switchboard' && figures.changeP99Ms !== undefined);
  const [least, most] = [ours[0], ours.at(-1)];
  if (least !== undefined && most !== undefined && least !== most) {
    const slope = (name: keyof Figures) => ratio(most.figures[name], least.figures[name]);
    lines.push(
      `- one change, ${most.services} Services to ${least.services}: p50 ${slope('changeP50Ms')}, p99 ${slope('changeP99Ms')}`,
    );
  }
  return lines.join('\n');
}

function directOf(rows: readonly Row[], { services }: Row): Measured | undefined {
  return rows.find(row => row.what === 'direct' && row.services === services)?.connections;
}

function overhead(row: Row, direct: Measured | undefined, from: 'client' | 'node'): number | undefined {
  if (row.connections === undefined || direct === undefined || row.what === 'direct') return undefined;
  return row.connections[from].p50 - direct[from].p50;
}

function time(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(ms)) return '';
  return ms < 1_000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function of(text: string, count: number | undefined): string {
  return text === '' ? '' : `${text} (${count})`;
}

function number(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(1);
}

function pair(times: { readonly p50: number; readonly p99: number } | undefined): string {
  return times === undefined ? '' : `${times.p50.toFixed(1)} / ${times.p99.toFixed(1)}`;
}

function both(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined ? '' : `${a.toFixed(1)} / ${b.toFixed(1)}`;
}

function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined || b === 0 ? '-' : (a / b).toPrecision(2);
}
