import { type Cidr, cidrContains, familyOf } from '../../kube/address.ts';
import type { IpFamily } from '../../kube/protocol.ts';
import type { Element } from './elements.ts';
import { takesAllAddresses } from './layout.ts';
import { rangeText } from './programme.ts';
import type { Settings } from './settings.ts';

/** The elements that come from what the plane was told of its node, and from no route. */
export function fixedElements(family: IpFamily, settings: Settings): Element[] {
  const { localTraffic, serviceCidrs } = settings;
  const pods = localTraffic.kind === 'cidrs' ? localTraffic.cidrs : [];
  return [
    ...networks('pod_networks', pods, family),
    ...networks('service_networks', serviceCidrs, family),
    ...nodePortAddresses(family, settings).map(key => ({ set: 'node_addresses', key })),
  ];
}

/** Which of the node's addresses take node ports; none are listed where all of them do. */
export function nodePortAddresses(family: IpFamily, settings: Settings): readonly string[] {
  if (takesAllAddresses(family, settings)) return [];
  const own = [...new Set(settings.nodeAddresses)].filter(a => familyOf(a) === family && !isLoopback(a));
  const { nodePortAddresses: chosen } = settings;
  if (typeof chosen === 'string') return own.slice(0, 1);
  return own.filter(address => chosen.some(range => cidrContains(range, address)));
}

/** Without those that lie in another: ranges of a set must not overlap. */
function networks(set: string, ranges: readonly Cidr[], family: IpFamily): Element[] {
  const own = ranges.filter(range => range.family === family);
  const outer = own.filter(
    range => !own.some(other => other !== range && other.prefix < range.prefix && cidrContains(other, range.network)),
  );
  return [...new Set(outer.map(rangeText))].map(key => ({ set, key }));
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
