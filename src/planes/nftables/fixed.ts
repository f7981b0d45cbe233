import { type Cidr, cidrContains, type IpFamily } from '../../net/index.ts';
import { nodePortAddressesOf, takesNodePortsEverywhere } from '../../routing/index.ts';
import type { Element } from './elements.ts';
import type { ResolvedOptions } from './options.ts';
import { rangeText } from './route-program.ts';

/** The elements that follow from the plane's options and from no route. */
export function fixedElements(family: IpFamily, options: ResolvedOptions): Element[] {
  const { localTraffic, serviceCidrs } = options;
  const pods = localTraffic.kind === 'cidrs' ? localTraffic.cidrs : [];
  return [
    ...networks('pod_networks', pods, family),
    ...networks('service_networks', serviceCidrs, family),
    ...nodePortAddresses(family, options).map(key => ({ set: 'node_addresses', key })),
  ];
}

/** The node's addresses that accept node ports; empty if all of them do. */
export function nodePortAddresses(family: IpFamily, { nodeAddresses, nodePortAddresses: chosen }: ResolvedOptions) {
  return takesNodePortsEverywhere(family, chosen) ? [] : nodePortAddressesOf(family, nodeAddresses, chosen);
}

/** Leaves out ranges inside another range: the ranges of a set must not overlap. */
function networks(set: string, ranges: readonly Cidr[], family: IpFamily): Element[] {
  const own = ranges.filter(range => range.family === family);
  const outer = own.filter(
    range => !own.some(other => other !== range && other.prefix < range.prefix && cidrContains(other, range.network)),
  );
  return [...new Set(outer.map(rangeText))].map(key => ({ set, key }));
}
