/**
 * A UDP flow keeps the endpoint that its first packet got. When that endpoint is gone, or the flow began while there was
 * none, its conntrack entry has to be deleted (service-semantics 8.1, Kubernetes `pkg/proxy/conntrack`). Unlike kube-proxy
 * 1.34, this also deletes the flows of the last endpoint, which are dead.
 *
 * @module
 */
import { IP_FAMILIES, type IpFamily } from '../../net/index.ts';
import type { Conntrack, Flow, FlowQuery } from '../../system/index.ts';
import type { Plan } from './programmed-state.ts';
import type { RouteProgram } from './route-program.ts';

/** The part of connection tracking that is needed here. */
export type FlowTable = Pick<Conntrack, 'flows' | 'delete'>;

const UDP = 17;

/** A query walks the kernel's whole table of flows; above this number of queries, a single walk serves all. */
const MAX_QUERIES = 8;

interface Place {
  readonly query: FlowQuery;
  readonly allowed: ReadonlySet<string>;
  /** The endpoints before the batch, which identify the flows of a node port. */
  readonly former: ReadonlySet<string>;
}

/**
 * Deletes the flows whose endpoint a batch has removed. The cost is proportional to the batch.
 *
 * @returns the number of deleted flows
 * @throws NetlinkError
 */
export async function endStaleFlows(
  conntrack: FlowTable,
  programs: Plan['programs'],
  nodeAddresses: readonly string[],
): Promise<number> {
  let ended = 0;
  for (const family of IP_FAMILIES) {
    const places = placesOf(programs, family);
    if (places.length === 0) continue;
    const own = new Set(nodeAddresses);
    if (places.length <= MAX_QUERIES) {
      for (const place of places) {
        for (const flow of await conntrack.flows(place.query)) ended += Number(end(conntrack, flow, place, own));
      }
      continue;
    }
    const byDestination = new Map(places.map(place => [destination(place.query.address, place.query.port), place]));
    for (const flow of await conntrack.flows({ family, protocol: UDP })) {
      const place =
        byDestination.get(destination(flow.address, flow.port)) ?? byDestination.get(destination(undefined, flow.port));
      if (place !== undefined) ended += Number(end(conntrack, flow, place, own));
    }
  }
  return ended;
}

function end(conntrack: FlowTable, flow: Flow, place: Place, own: ReadonlySet<string>): boolean {
  const answeredBy = `${flow.answeredBy} . ${flow.answeredByPort}`;
  if (place.allowed.has(answeredBy)) return false;
  // A node port is queried by its number alone, and connections to other hosts may use the same number.
  const isOurs = place.query.address !== undefined || own.has(flow.address) || place.former.has(answeredBy);
  return isOurs && conntrack.delete(flow.handle);
}

function placesOf(programs: Plan['programs'], family: IpFamily): Place[] {
  const places = new Map<string, Place>();
  for (const { before, after } of programs) {
    if ((after ?? before)?.family !== family) continue;
    if (before?.serving === undefined && after?.serving === undefined) continue;
    if (before !== undefined && after !== undefined && sameReach(before, after)) continue;
    const allowed = after?.serving ?? NONE;
    for (const query of [...queriesOf(before, family), ...queriesOf(after, family)]) {
      const id = destination(query.address, query.port);
      const kept = places.get(id);
      // If a frontend moves to another route, the endpoints of the new route count.
      const isNew = after !== undefined && queriesOf(after, family).some(q => destination(q.address, q.port) === id);
      if (kept !== undefined && !isNew) continue;
      places.set(id, { query, allowed: isNew ? allowed : NONE, former: before?.serving ?? NONE });
    }
  }
  return [...places.values()];
}

const NONE: ReadonlySet<string> = new Set();

function queriesOf(program: RouteProgram | undefined, family: IpFamily): FlowQuery[] {
  return (program?.entries ?? []).map(entry => {
    const parts = entry.key.split(' . ');
    const port = Number(parts.at(-1));
    const address = entry.lookup === 'service' ? parts[0] : undefined;
    return { family, protocol: UDP, port, ...(address === undefined ? {} : { address }) };
  });
}

/** Whether every flow can continue: the same entries, and every serving endpoint still serves. */
function sameReach(before: RouteProgram, after: RouteProgram): boolean {
  if (before.entries.length !== after.entries.length) return false;
  if (!before.entries.every((entry, i) => entry.key === after.entries[i]?.key)) return false;
  const served = before.serving ?? NONE;
  // From no endpoint to some: flows that began meanwhile lead nowhere.
  if (served.size === 0 && (after.serving?.size ?? 0) > 0) return false;
  return [...served].every(endpoint => after.serving?.has(endpoint) === true);
}

function destination(address: string | undefined, port: number | undefined): string {
  return `${address ?? '*'} ${port}`;
}
