import { escapeControls } from '../../../data/index.ts';
import { type Impact, impactOf } from '../../../diff/index.ts';
import { assumeRunning } from '../../../pods/index.ts';
import { type Route, type RouteEndpoint, RouteTable } from '../../../routing/index.ts';
import { World } from '../../../world/index.ts';
import { columns } from '../../columns.ts';
import { EXIT } from '../../exit-codes.ts';
import { loadEvaluated } from '../../load.ts';
import { message, print } from '../../terminal.ts';
import { portText, routeData, routeName } from '../../views/routes.ts';
import type { DiffFlags } from './flags.ts';

/** @returns 1 if a working Service port breaks. @throws what `loadInput` throws */
export async function diff(before: string, after: string, flags: DiffFlags): Promise<number> {
  const [old, current] = [await readSide(before, flags), await readSide(after, flags)];
  const impacts = impactOf(old.routes, current.routes);
  print(render(impacts, { before: old.assumed, after: current.assumed }, flags.output));
  if (impacts.length === 0) message('note: no Service port differs');
  return impacts.some(impact => impact.breaking) ? EXIT.finding : EXIT.fine;
}

/** Keys of pods that are only assumed to run; their addresses are invented and not printed. */
type AssumedPods = ReadonlySet<string>;

interface Side {
  readonly routes: readonly Route[];
  readonly assumed: AssumedPods;
}

async function readSide(path: string, flags: DiffFlags): Promise<Side> {
  const { events } = await loadEvaluated(
    path === 'running' || path === 'cluster'
      ? { ...flags, filename: [], against: path }
      : { ...flags, filename: [path] },
  );
  const world = new World();
  const table = new RouteTable(world.store);
  const { events: running, assumed } = assumeRunning(events);
  table.update(world.apply(running));
  return { routes: [...table.routes()].map(route => namingPods(route, assumed)), assumed };
}

/** The route with the names of assumed pods in place of their addresses, for texts. */
function namingPods(route: Route, assumed: AssumedPods): Route {
  const endpoints = route.endpoints.map(endpoint =>
    isAssumed(endpoint, assumed) ? { ...endpoint, address: endpoint.targetRef?.name ?? '' } : endpoint,
  );
  return { ...route, endpoints };
}

function isAssumed({ targetRef }: RouteEndpoint, assumed: AssumedPods): boolean {
  return targetRef !== undefined && assumed.has(`${targetRef.namespace}/${targetRef.name}`);
}

/** A route as data. An endpoint of an assumed pod has its `targetRef` and no `address`. */
function sideData(route: Route, assumed: AssumedPods): Record<string, unknown> {
  const endpoints = route.endpoints.map(endpoint => {
    const { address, ...rest } = endpoint;
    return isAssumed(endpoint, assumed) ? rest : { address, ...rest };
  });
  return { ...routeData(route), endpoints };
}

function render(
  impacts: readonly Impact[],
  assumed: { readonly before: AssumedPods; readonly after: AssumedPods },
  output: DiffFlags['output'],
): string {
  const rows = impacts.map(impact => [
    impact.breaking ? 'BREAKS' : 'ok',
    impact.effect,
    nameOf(impact),
    impact.before === undefined ? '-' : portText(impact.before),
    impact.after === undefined ? '-' : portText(impact.after),
    impact.notes.filter(Boolean).join('; '),
  ]);
  const headers = ['VERDICT', 'EFFECT', 'ROUTE', 'BEFORE', 'AFTER', 'NOTES'];
  switch (output) {
    case 'table':
      return columns(headers, rows);
    case 'markdown':
      return markdown(headers, rows);
    case 'json': {
      const items = impacts.map(({ effect, breaking, notes, before, after }) => ({
        effect,
        breaking,
        notes,
        before: before && sideData(before, assumed.before),
        after: after && sideData(after, assumed.after),
      }));
      return `${JSON.stringify({ apiVersion: 'switchboard/v1', kind: 'ImpactList', items }, null, 2)}\n`;
    }
  }
}

function nameOf(impact: Impact): string {
  const route = impact.after ?? impact.before;
  return route === undefined ? impact.service : routeName(route);
}

/** A table for a comment on a pull request. */
function markdown(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'No Service port differs.\n';
  const line = (cells: readonly string[]) =>
    `| ${cells.map(cell => escapeControls(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;
  const breaking = rows.filter(row => row[0] === 'BREAKS').length;
  const head =
    breaking === 0
      ? 'No Service port breaks.'
      : `**${breaking} Service port${breaking === 1 ? '' : 's'} would break.**`;
  return `${head}\n\n${line(headers)}${line(headers.map(() => '---'))}${rows.map(line).join('')}`;
}
