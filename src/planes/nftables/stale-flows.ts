/**
 * UDP flows have no end, and a flow keeps the endpoint that its first packet got: when that endpoint is gone, or the
 * flow began while there was none, the kernel's memory of it has to go (service-semantics 8.1, Kubernetes
 * `pkg/proxy/conntrack`). Unlike upstream the last endpoint's flows go, too: they are dead.
 *
 * @module
 */
import type { IpFamily } from '../../kube/protocol.ts';
import { IP_FAMILIES } from '../../kube/protocol.ts';
import type { Conntrack, Flow, FlowQuery } from '../../system/index.ts';
import type { Plan } from './ledger.ts';
import type { Programme } from './programme.ts';

/** What is needed of connection tracking. */
export type FlowTable = Pick<Conntrack, 'flows' | 'delete'>;

const UDP = 17;

/** Each asked-for destination is a walk through the kernel's table of flows; from so many on one walk serves all. */
const MOST_QUERIES = 8;

interface Place {
  readonly query: FlowQuery;
  readonly allowed: ReadonlySet<string>;
  /** Endpoints that the place had; a node port's flows are told from others by them. */
  readonly former: ReadonlySet<string>;
}

/**
 * Ends the flows that a batch has left without their endpoint, in proportion to the batch.
 *
 * @returns how many were ended
 * @throws NetlinkError
 */
export async function endStaleFlows(
  conntrack: FlowTable,
  programmes: Plan['programmes'],
  nodeAddresses: readonly string[],
): Promise<number> {
  let ended = 0;
  for (const family of IP_FAMILIES) {
    const places = placesOf(programmes, family);
    if (places.length === 0) continue;
    const own = new Set(nodeAddresses);
    if (places.length <= MOST_QUERIES) {
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
  // A node port is asked for by its number alone, and other hosts may have that port, too.
  const ours = place.query.address !== undefined || own.has(flow.address) || place.former.has(answeredBy);
  return ours && conntrack.delete(flow.handle);
}

function placesOf(programmes: Plan['programmes'], family: IpFamily): Place[] {
  const places = new Map<string, Place>();
  for (const { before, after } of programmes) {
    if ((after ?? before)?.family !== family) continue;
    if (before?.serving === undefined && after?.serving === undefined) continue;
    if (before !== undefined && after !== undefined && sameReach(before, after)) continue;
    const allowed = after?.serving ?? NONE;
    for (const query of [...queriesOf(before, family), ...queriesOf(after, family)]) {
      const id = destination(query.address, query.port);
      const kept = places.get(id);
      // A frontend that moves to another route: what that one serves counts.
      const isNew = after !== undefined && queriesOf(after, family).some(q => destination(q.address, q.port) === id);
      if (kept !== undefined && !isNew) continue;
      places.set(id, { query, allowed: isNew ? allowed : NONE, former: before?.serving ?? NONE });
    }
  }
  return [...places.values()];
}

const NONE: ReadonlySet<string> = new Set();

function queriesOf(programme: Programme | undefined, family: IpFamily): FlowQuery[] {
  return (programme?.doors ?? []).map(door => {
    const parts = door.key.split(' . ');
    const port = Number(parts.at(-1));
    const address = door.entrance === 'service' ? parts[0] : undefined;
    return { family, protocol: UDP, port, ...(address === undefined ? {} : { address }) };
  });
}

/** Nothing that a flow depends on differs: the same doors, and every endpoint that served still does. */
function sameReach(before: Programme, after: Programme): boolean {
  if (before.doors.length !== after.doors.length) return false;
  if (!before.doors.every((door, i) => door.key === after.doors[i]?.key)) return false;
  const served = before.serving ?? NONE;
  // From none to some: flows that began meanwhile lead nowhere.
  if (served.size === 0 && (after.serving?.size ?? 0) > 0) return false;
  return [...served].every(endpoint => after.serving?.has(endpoint) === true);
}

function destination(address: string | undefined, port: number | undefined): string {
  return `${address ?? '*'} ${port}`;
}
