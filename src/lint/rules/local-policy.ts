/** Shared by R67 and R68. */
import type { Service } from '../../kube/index.ts';
import type { LintContext } from '../context.ts';

/** Whether the nodes of endpoints are known: in a snapshot of a cluster they are, in templates they are not. */
export function hasEndpointsOnNodes(context: LintContext, service: Service): boolean {
  return context.routesOf(service).some(route => route.endpoints.some(e => e.ready && e.nodeName !== undefined));
}

export function nodesWithEndpoint(context: LintContext, service: Service): number {
  const ready = context.routesOf(service).flatMap(route => route.endpoints.filter(e => e.ready));
  return new Set(ready.flatMap(endpoint => endpoint.nodeName ?? [])).size;
}
