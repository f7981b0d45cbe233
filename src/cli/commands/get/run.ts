import { makeSlices, mirrorEndpoints, toApiSlice } from '../../../endpoints/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import { keyOf, type Labels, type Service } from '../../../kube/index.ts';
import { type Route, RouteTable } from '../../../routing/index.ts';
import type { ObjectStore } from '../../../world/index.ts';
import { World } from '../../../world/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { loadEvaluated } from '../../load.ts';
import { printData, printList } from '../../print-data.ts';
import { message, print } from '../../terminal.ts';
import { type ListenersOf, routeData, routeName, routeTable, sorted, wideRouteTable } from '../../views/routes.ts';
import { endpointData, endpointTable } from './endpoint-table.ts';
import type { GetFlags, Resource } from './flags.ts';
import { serviceTable } from './service-table.ts';
import { sliceTable } from './slice-table.ts';

/** @returns the exit code. @throws what `loadInput` throws; SWB_NOT_FOUND, SWB_USAGE */
export async function get(what: Resource, names: readonly string[], flags: GetFlags): Promise<number> {
  const { events, listenersOf } = await loadEvaluated(flags);
  const world = new World();
  const table = new RouteTable(world.store);
  table.update(world.apply(events));
  const services = chooseServices([...world.store.services()], names, flags);
  const routes = sorted(services.flatMap(s => table.routesOf(`${s.meta.namespace}/${s.meta.name}`)));
  const text =
    what === 'endpointslices'
      ? renderSlices(services, world.store, flags)
      : render(what, services, routes, flags, listenersOf);
  print(text);
  if (services.length === 0) message('note: there is no Service in the inputs');
  return EXIT.fine;
}

/** The slices that the controllers would create; data is a List as the API returns it. */
function renderSlices(services: readonly Service[], store: ObjectStore, flags: GetFlags): string {
  const slices = services.flatMap(service => {
    if (service.type === 'ExternalName') return [];
    // Even if the inputs have slices of a control plane: this shows what the controller would create for the pods.
    if (Object.keys(service.selector ?? {}).length > 0) {
      return makeSlices(service, store.podsSelectedBy(service), store).slices;
    }
    const endpoints = store.endpointsOf(keyOf(service.meta));
    return endpoints === undefined ? [] : mirrorEndpoints(endpoints, service.headless);
  });
  const { output, headers } = flags;
  if (output === 'table' || output === 'wide') return sliceTable(slices, headers);
  if (output === 'name')
    return slices.map(slice => `endpointslice/${slice.meta.namespace}/${slice.meta.name}\n`).join('');
  return printList('v1', 'List', slices.map(toApiSlice), output);
}

function render(
  what: Exclude<Resource, 'endpointslices'>,
  services: readonly Service[],
  routes: readonly Route[],
  flags: GetFlags,
  listenersOf?: ListenersOf,
): string {
  const { output, headers } = flags;
  switch (what) {
    case 'routes':
      if (output === 'table') return routeTable(routes, headers, listenersOf);
      if (output === 'wide') return wideRouteTable(routes, headers, listenersOf);
      if (output === 'name') return routes.map(route => `${routeName(route)}\n`).join('');
      return printData(
        'RouteList',
        routes.map(route => routeData(route, listenersOf)),
        output,
      );
    case 'services':
      if (output === 'table' || output === 'wide') return serviceTable(services, routes, headers);
      if (output === 'name') return services.map(s => `service/${s.meta.namespace}/${s.meta.name}\n`).join('');
      return printData('ServiceList', services, output);
    case 'endpoints':
      if (output === 'table' || output === 'wide') return endpointTable(routes, headers);
      if (output === 'name') return routes.flatMap(r => r.endpoints.map(e => `${e.address}:${e.port}\n`)).join('');
      return printData('EndpointList', endpointData(routes), output);
  }
}

function chooseServices(all: readonly Service[], names: readonly string[], flags: GetFlags): Service[] {
  const matches = flags.selector === undefined ? () => true : labelTest(flags.selector);
  const shown = all.filter(
    service =>
      (flags.allNamespaces || flags.namespace === undefined || service.meta.namespace === flags.namespace) &&
      matches(service.meta.labels),
  );
  for (const name of names) {
    if (shown.some(service => isNamed(service, name))) continue;
    const existing = shown.map(service => `${service.meta.namespace}/${service.meta.name}`).slice(0, 8);
    const message = `there is no Service "${name}" in the inputs; ${existing.length === 0 ? 'they have no Service' : `they have ${existing.join(', ')}`}`;
    throw new SwitchboardError('SWB_NOT_FOUND', message);
  }
  const chosen = names.length === 0 ? shown : shown.filter(service => names.some(name => isNamed(service, name)));
  return chosen.sort((a, b) => (`${a.meta.namespace}/${a.meta.name}` < `${b.meta.namespace}/${b.meta.name}` ? -1 : 1));
}

function isNamed(service: Service, name: string): boolean {
  const bare = name.replace(/^(svc|service)\//, '');
  return bare === service.meta.name || bare === `${service.meta.namespace}/${service.meta.name}`;
}

/** Reads `a=b`, `a==b`, `a!=b`, `a` and `!a`, separated by commas, as in `kubectl -l`. @throws SWB_USAGE */
function labelTest(selector: string): (labels: Labels) => boolean {
  const tests = selector.split(',').map(part => {
    const match = /^\s*(!)?([\w./-]+)\s*(?:(==|=|!=)\s*([\w.-]*))?\s*$/.exec(part);
    if (match === null)
      throw new SwitchboardError(
        'SWB_USAGE',
        `-l ${selector}: "${part}" is not a label requirement; write label=value`,
      );
    const [, not, label = '', operator, value] = match;
    if (operator === undefined) return (labels: Labels) => (labels[label] !== undefined) === (not === undefined);
    return (labels: Labels) => (labels[label] === value) === (operator !== '!=');
  });
  return labels => tests.every(test => test(labels));
}
