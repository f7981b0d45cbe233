/**
 * What a change of manifests does to each Service port, as its clients would see it.
 *
 * @module
 */

import { stateReason } from '../explain/words/index.ts';
import { hostPort } from '../kube/address.ts';
import { diffRoutes, type Frontend, type Route } from '../routing/index.ts';

export type Effect =
  | 'added'
  | 'removed'
  | 'breaks'
  | 'renumbered'
  | 'frontend-gone'
  | 'moves'
  | 'drains'
  | 'mended'
  | 'renamed'
  | 'changed';

export interface Impact {
  readonly effect: Effect;
  /** Clients that worked before do not, or have to be changed. */
  readonly breaking: boolean;
  readonly service: string;
  readonly before?: Route;
  readonly after?: Route;
  /** In words. */
  readonly notes: readonly string[];
}

/** Every Service port that differs, breaking ones first, then by name. */
export function impactOf(before: readonly Route[], after: readonly Route[]): Impact[] {
  const impacts: Impact[] = [];
  const gone: Route[] = [];
  const fresh: Route[] = [];
  for (const change of diffRoutes(before, after)) {
    if (change.type === 'delete') gone.push(change.route);
    else if (change.previous === undefined) fresh.push(change.route);
    else impacts.push(...judge(change.previous, change.route));
  }
  for (const route of gone) {
    // A port under another name is the same port to whoever dials its number.
    const heir = fresh.find(
      r =>
        r.service === route.service &&
        r.port === route.port &&
        r.protocol === route.protocol &&
        r.family === route.family,
    );
    if (heir === undefined) {
      const worked = ready(route) > 0 || route.kind === 'externalName';
      const notes = [worked ? `had ${ready(route)} endpoints` : 'had no endpoint'];
      impacts.push({ effect: 'removed', breaking: worked, service: route.service, before: route, notes });
      continue;
    }
    fresh.splice(fresh.indexOf(heir), 1);
    const [judged] = judge(route, heir);
    const renamed = `port ${route.port} is called "${heir.portName}", and was "${route.portName}"`;
    impacts.push({ ...(judged ?? whole('renamed', route, heir, [])), notes: [renamed, ...(judged?.notes ?? [])] });
  }
  for (const route of fresh) {
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
    const note = `port ${before.port} is now ${after.port}: whoever dials ${before.port} is refused`;
    return [had > 0 ? breaking('renumbered', before, after, [note]) : whole('renumbered', before, after, [note])];
  }
  const lost = frontendsLost(before, after);
  if (lost.length > 0) return [breaking('frontend-gone', before, after, [`no longer reached by ${lost.join(', ')}`])];
  if (before.kind !== after.kind) {
    const note = `was ${before.kind}, is ${after.kind}`;
    return [had > 0 ? breaking('changed', before, after, [note]) : whole('changed', before, after, [note])];
  }
  if (had === 0 && has > 0) return [whole('mended', before, after, [`${has} endpoints, and had none`])];
  const ports = (route: Route) => [...new Set(route.endpoints.map(e => e.port))].sort((a, b) => a - b).join(', ');
  if (ports(before) !== ports(after)) {
    return [whole('moves', before, after, [`pods are reached on ${ports(after)}, and were on ${ports(before)}`])];
  }
  if (has < had) return [whole('drains', before, after, [`${has} of ${had} endpoints are left${because(after)}`])];
  const settings = settingsText(before, after);
  if (settings.length > 0) return [whole('changed', before, after, settings)];
  // New pods of the same kind and number in place of old ones change nothing for clients.
  return has > had ? [whole('changed', before, after, [`${has} endpoints, and had ${had}`])] : [];
}

function because(route: Route): string {
  const reason = stateReason(route);
  return reason === '' ? '' : `: ${reason}`;
}

function settingsText(before: Route, after: Route): string[] {
  if (before.kind !== 'proxied' || after.kind !== 'proxied') {
    if (before.kind === 'externalName' && after.kind === 'externalName' && before.externalName !== after.externalName) {
      return [`an alias of ${after.externalName}, and was of ${before.externalName}`];
    }
    return [];
  }
  const notes: string[] = [];
  for (const field of ['internalTrafficPolicy', 'externalTrafficPolicy', 'affinityTimeoutSeconds'] as const) {
    if (before[field] !== after[field]) notes.push(`${field}: ${before[field] ?? 'none'} -> ${after[field] ?? 'none'}`);
  }
  const ranges = (route: typeof before) =>
    route.sourceRanges.map(range => `${range.network}/${range.prefix}`).join(', ') || 'everybody';
  if (ranges(before) !== ranges(after)) notes.push(`loadBalancerSourceRanges: ${ranges(before)} -> ${ranges(after)}`);
  return notes;
}

/** Frontends that clients may have noted down: numbers and addresses, not the ones that nobody has allocated. */
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
  return { ...whole(effect, before, after, notes), breaking: true };
}

function whole(effect: Effect, before: Route, after: Route, notes: string[]): Impact {
  return { effect, breaking: false, service: after.service, before, after, notes };
}
