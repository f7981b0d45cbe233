/** The table of the cluster bench. Times in milliseconds, memory in MB, idle as a share of one core. */
export interface Row {
  readonly services: number;
  readonly what: string;
  readonly startMs?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** The share of the API server and etcd. */
  readonly writeMs?: number;
  /** From the API server's response to the kernel. */
  readonly afterP50Ms?: number;
  readonly afterP99Ms?: number;
  readonly changes?: number;
  readonly missing?: number;
  readonly rssMb?: number;
  readonly rssAfterMb?: number;
  readonly peakMb?: number;
  readonly idle?: number;
  /** Changes per second that the API server accepted. */
  readonly rate?: number;
  readonly lagP50Ms?: number;
  readonly lagP99Ms?: number;
  readonly lagMaxMs?: number;
  readonly lagAfterP50Ms?: number;
  readonly lagAfterP99Ms?: number;
  readonly lagWriteP50Ms?: number;
  readonly lagWriteP99Ms?: number;
  readonly lagMissing?: number;
  /** Processor time of the proxy, milliseconds. */
  readonly cpuPerChangeMs?: number;
}

const COLUMNS: readonly (readonly [string, (row: Row) => string])[] = [
  ['Services', row => String(row.services)],
  ['', row => row.what],
  ['cold start', row => time(row.startMs)],
  ['change p50, write to kernel', row => time(row.p50Ms)],
  ['p99 (of)', row => (row.changes === undefined ? '' : `${time(row.p99Ms)} (${row.changes})`)],
  ['write p50', row => time(row.writeMs)],
  ['after the response p50 / p99', row => pair(row.afterP50Ms, row.afterP99Ms)],
  ['RSS MB', row => number(row.rssMb)],
  ['after changes', row => number(row.rssAfterMb)],
  ['peak', row => number(row.peakMb)],
  ['idle, of a core', row => (row.idle === undefined ? '' : `${(row.idle * 100).toFixed(2)} %`)],
  ['changes per second', row => number(row.rate)],
  ['lag p50 / p99 / maximum', row => (row.rate === undefined ? '' : lags(row))],
  ['write p50 / p99', row => pair(row.lagWriteP50Ms, row.lagWriteP99Ms)],
  ['after the response p50 / p99', row => pair(row.lagAfterP50Ms, row.lagAfterP99Ms)],
  ['processor time per change', row => time(row.cpuPerChangeMs)],
  ['never seen', row => (row.missing === undefined ? '' : String(row.missing + (row.lagMissing ?? 0)))],
];

export function tableOf(rows: readonly Row[]): string {
  const lines = [
    COLUMNS.map(([title]) => title),
    COLUMNS.map(() => '---'),
    ...rows.map(row => COLUMNS.map(([, cell]) => cell(row))),
  ];
  return lines.map(cells => `| ${cells.join(' | ')} |`).join('\n');
}

export function ratiosOf(rows: readonly Row[]): string {
  return rows
    .filter(({ what }) => what === 'switchboard')
    .flatMap(ours => {
      const peer = rows.find(({ services, what }) => services === ours.services && what !== 'switchboard');
      if (peer === undefined) return [];
      const of = (name: 'startMs' | 'p50Ms' | 'p99Ms' | 'rssMb' | 'idle') => ratio(ours[name], peer[name]);
      return [
        `- ${ours.services} Services, ratios of Switchboard to kube-proxy: cold start ${of('startMs')}, change p50 ${of('p50Ms')}, p99 ${of('p99Ms')}, memory ${of('rssMb')}, idle ${of('idle')}`,
      ];
    })
    .join('\n');
}

function lags({ lagP50Ms, lagP99Ms, lagMaxMs }: Row): string {
  return [lagP50Ms, lagP99Ms, lagMaxMs].map(time).join(' / ');
}

function pair(p50: number | undefined, p99: number | undefined): string {
  return p50 === undefined ? '' : [p50, p99].map(time).join(' / ');
}

function time(ms: number | undefined): string {
  if (ms === undefined || Number.isNaN(ms)) return '';
  return ms < 1_000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function number(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? '' : value.toFixed(1);
}

function ratio(a: number | undefined, b: number | undefined): string {
  return a === undefined || b === undefined || b === 0 ? '-' : (a / b).toPrecision(2);
}
