import type { RunningState } from '../../../admin/index.ts';
import type { Pod } from '../../../kube/index.ts';
import { columns } from '../../columns.ts';
import { EXIT } from '../../exit-codes.ts';
import { instances } from '../../instances.ts';
import { printData } from '../../print-data.ts';
import { message, print } from '../../terminal.ts';
import type { PsFlags } from './flags.ts';

const HEADERS = ['INSTANCE', 'POD', 'READY', 'STATUS', 'IP', 'AGE', 'REASON'] as const;

/** @returns the exit code. @throws SWB_NOT_RUNNING */
export async function ps(name: string | undefined, { output, headers }: PsFlags): Promise<number> {
  const states = await instances(name);
  const rows = states.flatMap(state => podsOf(state).map(pod => podData(state, pod)));
  if (output !== 'table') {
    print(printData('PodList', rows, output));
    return EXIT.fine;
  }
  const cells = rows.map(row => [
    row.instance,
    row.pod,
    row.ready ? 'yes' : 'no',
    row.status,
    row.ip,
    age(row.since),
    row.reason,
  ]);
  print(columns(HEADERS, cells, headers));
  if (rows.length === 0) message(`note: ${states.map(state => state.name).join(', ')}: no pods`);
  return EXIT.fine;
}

function podsOf(state: RunningState): Pod[] {
  return state.objects
    .flatMap(object => (object.kind === 'Pod' ? [object] : []))
    .sort((a, b) => (`${a.meta.namespace}/${a.meta.name}` < `${b.meta.namespace}/${b.meta.name}` ? -1 : 1));
}

function podData({ name }: RunningState, { meta, status }: Pod) {
  const ready = status.conditions.find(condition => condition.type === 'Ready');
  return {
    instance: name,
    pod: `${meta.namespace}/${meta.name}`,
    ready: ready?.status === 'True',
    status: meta.deletionTimestamp === undefined ? status.phase : 'Terminating',
    ip: status.podIPs[0] ?? '',
    since: meta.creationTimestamp ?? '',
    reason: ready?.status === 'True' ? '' : (ready?.message ?? 'nobody runs it here'),
  };
}

const UNITS: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** As kubectl prints ages: `12s`, `5m`, `3h`, `2d`. */
function age(since: string): string {
  const seconds = Math.max(0, Math.floor((Date.now() - Date.parse(since)) / 1000));
  if (Number.isNaN(seconds)) return '';
  const [size, unit] = UNITS.find(([limit]) => seconds >= limit) ?? [1, 's'];
  return `${Math.floor(seconds / size)}${unit}`;
}
