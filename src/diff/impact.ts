/**
 * The impact of a change of manifests on the clients of each Service port.
 *
 * @module
 */

import { stateReason } from '../explain/words/index.ts';
import { hostPort } from '../net/index.ts';
import { diffRoutes, type Frontend, type Route } from '../routing/index.ts';

export type Effect =
  | 'added'
  | 'removed'
  | 'breaks'
  | 'renumbered'
  | 'frontend-gone'
  | 'moves'
  | 'drains'
  | 'fixed'
  | 'renamed'
  | 'changed';

export interface Impact {
  readonly effect: Effect;
  /** Clients that worked before fail, or must be changed. */
  readonly breaking: boolean;
  readonly service: string;
  readonly before?: Route;
  readonly after?: Route;
  /** Sentences for the user. */
  readonly notes: readonly string[];
}

/** Returns every changed Service port, breaking changes first, then by name. */
export function impactOf(before: readonly Route[], after: readonly Route[]): Impact[] {
  const impacts: Impact[] = [];
  const gone: Route[] = [];
  const added: Route[] = [];
  for (const change of diffRoutes(before, after)) {
    if (change.type === 'delete') gone.push(change.route);
    else if (change.previous === undefined) added.push(change.route);
    else impacts.push(...judge(change.previous, change.route));
  }
  for (const route of gone) {
    // Clients dial the number, so a port with another name and the same number is the same port.
    const successor = added.find(
      r =>
        r.service === route.service &&
        r.port === route.port &&
        r.protocol === route.protocol &&
        r.family === route.family,
    );
    if (successor === undefined) {
      const worked = ready(route) > 0 || route.kind === 'externalName';
      const notes = [worked ? `had ${ready(route)} endpoints` : 'had no endpoint'];
      impacts.push({ effect: 'removed', breaking: worked, service: route.service, before: route, notes });
      continue;
    }
    added.splice(added.indexOf(successor), 1);
    const [judged] = judge(route, successor);
    const renamed = `port ${route.port} is now named "${successor.portName}" instead of "${route.portName}"`;
    impacts.push({
      ...(judged ?? compatible('renamed', route, successor, [])),
      notes: [renamed, ...(judged?.notes ?? [])],
    });
  }
  for (const route of added) {
    const reason = stateReason(route);
    const notes = reason === '' ? [`${ready(route)} endpoints`] : [reason];
    impacts.push({ effect: 'added', breaking: false, service: route.service, after: route, notes });
  }
  return impacts.sort(
    (a, b) => Number(b.breaking) - Number(a.breaking) || (a.service < b.service ? -1 : a.service > b.service ? 1 : 0),
  );
}

function judge(before: Route, after: Route): Impact[] {
  const had = ready(before);
  const has = ready(after);
  if (had > 0 && has === 0 && after.kind !== 'externalName')
    return [breaking('breaks', before, after, [stateReason(after)])];
  if (before.port !== after.port && before.port !== 0) {
    const note = `port ${before.port} is now ${after.port}: connections to ${before.port} are refused`;
    return [had > 0 ? breaking('renumbered', before, after, [note]) : compatible('renumbered', before, after, [note])];
  }
  const lost = frontendsLost(before, after);
  if (lost.length > 0) return [breaking('frontend-gone', before, after, [`no longer reachable at ${lost.join(', ')}`])];
  if (before.kind !== after.kind) {
    const note = `was ${before.kind}, is now ${after.kind}`;
    return [had > 0 ? breaking('changed', before, after, [note]) : compatible('changed', before, after, [note])];
  }
  if (had === 0 && has > 0) return [compatible('fixed', before, after, [`${has} endpoints, had none`])];
  const ports = (route: Route) => [...new Set(route.endpoints.map(e => e.port))].sort((a, b) => a - b).join(', ');
  if (ports(before) !== ports(after)) {
    return [
      compatible('moves', before, after, [`traffic goes to pod port ${ports(after)} instead of ${ports(before)}`]),
    ];
  }
  if (has < had) return [compatible('drains', before, after, [`${has} of ${had} endpoints remain${because(after)}`])];
  const settings = settingsText(before, after);
  if (settings.length > 0) return [compatible('changed', before, after, settings)];
  // Replacing pods by the same number of equal pods changes nothing for clients.
  return has > had ? [compatible('changed', before, after, [`${has} endpoints, had ${had}`])] : [];
}

function because(route: Route): string {
  const reason = stateReason(route);
  return reason === '' ? '' : `: ${reason}`;
}

function settingsText(before: Route, after: Route): string[] {
  if (before.kind !== 'proxied' || after.kind !== 'proxied') {
    if (before.kind === 'externalName' && after.kind === 'externalName' && before.externalName !== after.externalName) {
      return [`is now an alias of ${after.externalName} instead of ${before.externalName}`];
    }
    return [];
  }
  const notes: string[] = [];
  for (const field of ['internalTrafficPolicy', 'externalTrafficPolicy', 'affinityTimeoutSeconds'] as const) {
    if (before[field] !== after[field]) notes.push(`${field}: ${before[field] ?? 'none'} -> ${after[field] ?? 'none'}`);
  }
  const ranges = (route: typeof before) =>
    route.sourceRanges.map(range => `${range.network}/${range.prefix}`).join(', ') || 'all clients';
  if (ranges(before) !== ranges(after)) notes.push(`loadBalancerSourceRanges: ${ranges(before)} -> ${ranges(after)}`);
  return notes;
}

/** Returns lost frontends that clients may have configured: those with an allocated number or address. */
function frontendsLost(before: Route, after: Route): string[] {
  if (before.kind !== 'proxied' || after.kind !== 'proxied') return [];
  const kept = new Set(after.frontends.map(frontendId));
  return before.frontends.flatMap(frontend => {
    const id = frontendId(frontend);
    return id === undefined || kept.has(id) ? [] : [id];
  });
}

function frontendId(frontend: Frontend): string | undefined {
  if (frontend.kind === 'nodePort') return frontend.port === undefined ? undefined : `nodePort ${frontend.port}`;
  return frontend.address === undefined ? undefined : hostPort(frontend.address, frontend.port);
}

function ready(route: Route): number {
  return route.endpoints.filter(endpoint => endpoint.ready).length;
}

function breaking(effect: Effect, before: Route, after: Route, notes: string[]): Impact {
  return { ...compatible(effect, before, after, notes), breaking: true };
}

function compatible(effect: Effect, before: Route, after: Route, notes: string[]): Impact {
  return { effect, breaking: false, service: after.service, before, after, notes };
}
