import { SwitchboardError } from '../errors.ts';
import { canonicalAddress, familyOf, hostPort } from '../net/index.ts';
import type { Packet, PacketTracer, TraceResult } from '../routing/index.ts';
import type { Hop } from './explanation.ts';
import { parseAddress } from './target.ts';
import { frontendText, stateReason } from './words/index.ts';

/** The output for programs; `docs/explain.md` documents it. */
export interface DialAnswer {
  readonly outcome: TraceResult['outcome'];
  readonly endpoints: readonly string[];
  readonly masquerade: boolean | 'hairpin';
  readonly hops: readonly Hop[];
  readonly findings: readonly { readonly message: string }[];
}

/** Reads `from` (an address) and `to` (`IP:PORT/PROTO`). @throws SWB_USAGE */
export function parseDial(from: unknown, to: unknown): Packet {
  const source = typeof from === 'string' ? canonicalAddress(from) : undefined;
  const destination = typeof to === 'string' ? parseAddress(to) : undefined;
  if (source === undefined) throw new SwitchboardError('SWB_USAGE', `--from ${String(from)} is not an IP address`);
  if (destination === undefined) {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--to ${String(to)}: write it as IP:PORT/PROTO, for example 10.96.0.10:80/TCP`,
    );
  }
  if (familyOf(source) !== familyOf(destination.address)) {
    throw new SwitchboardError('SWB_USAGE', `${source} cannot dial ${destination.address}: the IP families differ`);
  }
  return { from: source, to: destination.address, port: destination.port, protocol: destination.protocol };
}

/** Reads a JSON array of `{"from": ..., "to": ...}`. @throws SWB_USAGE */
export function parseDials(text: string): Packet[] {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new SwitchboardError('SWB_USAGE', '--dials: the file is not JSON', { cause });
  }
  if (!Array.isArray(data)) throw new SwitchboardError('SWB_USAGE', '--dials: the file is not a JSON array');
  return data.map((item: unknown, index) => {
    if (typeof item !== 'object' || item === null || !('from' in item) || !('to' in item)) {
      throw new SwitchboardError('SWB_USAGE', `--dials: item ${index} is not {"from": ..., "to": ...}`);
    }
    return parseDial(item.from, item.to);
  });
}

export function answerDial(tracer: PacketTracer, dial: Packet): DialAnswer {
  const result = tracer.trace(dial);
  return {
    outcome: result.outcome,
    endpoints: result.endpoints,
    masquerade: result.masquerade,
    hops: hopsOf(dial, result),
    findings: findingsOf(result),
  };
}

function hopsOf(dial: Packet, result: TraceResult): Hop[] {
  const destination = `${hostPort(dial.to, dial.port)}/${dial.protocol}`;
  const hop = (name: Hop['hop'], state: Hop['state'], text: string): Hop => ({ hop: name, state, text, details: [] });
  const { route, frontend } = result;
  const hops = [hop('client', 'ok', `${dial.from} dials ${destination}`)];
  if (route === undefined || frontend === undefined) {
    return [...hops, hop('service', 'broken', REASONS[result.reason])];
  }
  hops.push(hop('service', 'ok', `${frontendText(frontend)} of Service ${route.service}, port ${route.port}`));
  if (result.outcome !== 'endpoints') return [...hops, hop('endpoints', 'broken', REASONS[result.reason])];
  const exception = result.shortCircuit
    ? '; the source is on this node or in the cluster, so externalTrafficPolicy does not apply'
    : '';
  return [...hops, hop('endpoints', 'ok', `one of ${result.endpoints.join(', ')}${exception}`)];
}

const REASONS: Readonly<Record<TraceResult['reason'], string>> = {
  delivered: 'delivered',
  'no-endpoints': 'refused: the port has no endpoint',
  'none-on-this-node': 'dropped: the traffic policy is Local, but no endpoint is on this node',
  'source-range': 'dropped: the source is outside of loadBalancerSourceRanges',
  'unclaimed-port': 'refused: the Service of this cluster IP does not have this port',
  'unclaimed-address': 'dropped: the address is in the Service range, but no Service has it',
  'not-a-frontend': 'no Service has this address and port',
};

function findingsOf({ route }: TraceResult): { message: string }[] {
  const reason = route === undefined ? '' : stateReason(route);
  return reason === '' ? [] : [{ message: reason }];
}
