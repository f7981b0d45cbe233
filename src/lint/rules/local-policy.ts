/** What R67 and R68 share. */
import type { Service } from '../../kube/objects.ts';
import type { LintContext } from '../context.ts';

/** Whether endpoints are known at all: those of a snapshot are, those of a template are not. */
export function isReached(context: LintContext, service: Service): boolean {
  return context.routesOf(service).some(route => route.endpoints.some(e => e.ready && e.nodeName !== undefined));
}

export function nodesWithEndpoint(context: LintContext, service: Service): number {
  const ready = context.routesOf(service).flatMap(route => route.endpoints.filter(e => e.ready));
  return new Set(ready.flatMap(endpoint => endpoint.nodeName ?? [])).size;
}
