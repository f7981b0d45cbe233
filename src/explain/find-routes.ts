import { SwitchboardError } from '../errors.ts';
import { type KubeObject, type Pod, selects, type Workload } from '../kube/index.ts';
import { podsOf } from '../pods/index.ts';
import { PacketTracer, type Route, type RouteTable, type TracedNode } from '../routing/index.ts';
import type { Target } from './target.ts';

/** The routes to search, and the namespace of targets that name none. */
export interface Scope {
  readonly table: RouteTable;
  readonly namespace?: string;
  readonly node: TracedNode;
}

/**
 * Finds the routes of a target: all ports of the Service if it names none.
 *
 * @throws SWB_NOT_FOUND with the candidates, also if the target is ambiguous
 */
export function findRoutes(target: Target, scope: Scope): Route[] {
  switch (target.kind) {
    case 'service':
      return serviceRoutes(target, scope);
    case 'address':
      return addressRoutes(target, scope);
    case 'node':
      return nodeRoutes(target, scope);
    case 'pod':
    case 'workload':
      return selectingRoutes(target, scope);
  }
}

function serviceRoutes(target: Extract<Target, { kind: 'service' }>, scope: Scope): Route[] {
  const namespace = target.namespace ?? scope.namespace;
  const all = [...scope.table.routes()];
  const named = all.filter(r => r.name === target.name && (namespace === undefined || r.namespace === namespace));
  const services = [...new Set(named.map(route => route.service))];
  if (services.length === 0)
    throw notFound(
      `Service "${target.name}"`,
      all.map(route => route.service),
    );
  if (services.length > 1) {
    throw new SwitchboardError('SWB_NOT_FOUND', `"${target.name}" is ambiguous: write ${services.join(' or ')}`);
  }
  if (target.port === undefined) return named;
  const chosen = named.filter(route => route.portName === target.port || String(route.port) === target.port);
  if (chosen.length > 0) return chosen;
  const ports = [
    ...new Set(named.map(route => (route.portName === '' ? `${route.port}` : `${route.port} (${route.portName})`))),
  ];
  const other = named.find(
    r => r.endpoints.some(e => String(e.port) === target.port) || String(r.targetPort) === target.port,
  );
  const hint =
    other === undefined ? '' : `; ${target.port} is its targetPort, which clients of the Service do not dial`;
  throw new SwitchboardError(
    'SWB_NOT_FOUND',
    `Service ${services[0]} has no port ${target.port}: it has ${ports.join(', ')}${hint}`,
  );
}

function addressRoutes(target: Extract<Target, { kind: 'address' }>, scope: Scope): Route[] {
  const { address, port, protocol } = target;
  const found = new PacketTracer(scope.table.routes(), scope.node).trace({
    from: address,
    to: address,
    port,
    protocol,
  });
  if (found.route !== undefined) return [found.route];
  const behind = [...scope.table.routes()].filter(r => r.endpoints.some(e => e.address === address && e.port === port));
  if (behind.length > 0) return behind;
  const candidates = [...scope.table.routes()].flatMap(r =>
    r.kind === 'proxied'
      ? r.frontends.flatMap(f => (f.kind !== 'nodePort' && f.address !== undefined ? `${f.address}:${f.port}` : []))
      : [],
  );
  throw notFound(`frontend or endpoint ${address}:${port}/${protocol}`, candidates);
}

function nodeRoutes(target: Extract<Target, { kind: 'node' }>, scope: Scope): Route[] {
  const ports: string[] = [];
  const routes = [...scope.table.routes()].filter(route => {
    if (route.kind !== 'proxied' || route.protocol !== target.protocol) return false;
    const own = route.frontends.flatMap(f => (f.kind === 'nodePort' && f.port !== undefined ? [f.port] : []));
    ports.push(...own.map(port => `${port} (${route.service})`));
    return own.includes(target.port);
  });
  if (routes.length > 0) return routes;
  throw notFound(`nodePort ${target.port}/${target.protocol}`, ports);
}

/** A pod or workload stands for the Services that select it. */
function selectingRoutes(target: Extract<Target, { kind: 'pod' | 'workload' }>, scope: Scope): Route[] {
  const { store } = scope.table;
  const inNamespace = (namespace: string) => [undefined, namespace].includes(target.namespace ?? scope.namespace);
  let pods: Pod[] = [];
  if (target.kind === 'pod')
    pods = [...store.pods()].filter(p => p.meta.name === target.name && inNamespace(p.meta.namespace));
  else {
    for (const object of store.others(target.workload)) {
      if (isWorkload(object) && object.meta.name === target.name && inNamespace(object.meta.namespace)) {
        pods.push(...podsOf(object).slice(0, 1));
      }
    }
  }
  const what = target.kind === 'pod' ? `pod "${target.name}"` : `${target.workload} "${target.name}"`;
  if (pods.length === 0)
    throw notFound(
      what,
      [...store.pods()].map(pod => `pod/${pod.meta.name}`),
    );
  const routes = [...scope.table.routes()].filter(route =>
    pods.some(pod => pod.meta.namespace === route.namespace && selects(route.selector, pod.meta.labels)),
  );
  if (routes.length > 0) return routes;
  throw new SwitchboardError('SWB_NOT_FOUND', `no Service in the input selects ${what}`);
}

function isWorkload(object: KubeObject): object is Workload {
  return 'template' in object;
}

function notFound(what: string, candidates: readonly string[]): SwitchboardError {
  const names = [...new Set(candidates)].sort().slice(0, 8);
  const hint = names.length === 0 ? 'there are none' : `there ${names.length === 1 ? 'is' : 'are'} ${names.join(', ')}`;
  return new SwitchboardError('SWB_NOT_FOUND', `no ${what} in the input; ${hint}`);
}
