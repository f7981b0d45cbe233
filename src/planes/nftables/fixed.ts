import { type Cidr, cidrContains } from '../../kube/address.ts';
import type { IpFamily } from '../../kube/protocol.ts';
import { nodePortAddressesOf, takesNodePortsEverywhere } from '../../routing/index.ts';
import type { Element } from './elements.ts';
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
export function nodePortAddresses(family: IpFamily, { nodeAddresses, nodePortAddresses: chosen }: Settings) {
  return takesNodePortsEverywhere(family, chosen) ? [] : nodePortAddressesOf(family, nodeAddresses, chosen);
}

/** Without those that lie in another: ranges of a set must not overlap. */
function networks(set: string, ranges: readonly Cidr[], family: IpFamily): Element[] {
  const own = ranges.filter(range => range.family === family);
  const outer = own.filter(
    range => !own.some(other => other !== range && other.prefix < range.prefix && cidrContains(other, range.network)),
  );
  return [...new Set(outer.map(rangeText))].map(key => ({ set, key }));
}
