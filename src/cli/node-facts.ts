import { SwitchboardError } from '../errors.ts';
import { type Cidr, canonicalAddress, parseCidr } from '../kube/address.ts';
import { LABEL_ZONE } from '../kube/names.ts';
import type { KubeObject, Node } from '../kube/objects.ts';
import type { NodeContext, TracedNode } from '../routing/index.ts';
import type { NodeFlags } from './options.ts';

/** The node that a packet meets: what routes are compiled for, and what its addresses and networks are. */
export interface NodeFacts {
  readonly context: NodeContext;
  readonly dial: TracedNode;
}

/** From flags, and from the Node object of that name where the inputs hold one. @throws SWB_USAGE */
export function nodeFacts(flags: NodeFlags, objects: readonly KubeObject[]): NodeFacts {
  const nodes = objects.filter((object): object is Node => object.kind === 'Node');
  const own = nodes.find(node => node.meta.name === flags.node);
  const zone = own?.meta.labels[LABEL_ZONE];
  const given = flags.nodeIp.map(text => addressFlag('--node-ip', text));
  return {
    context: {
      ...(flags.node === undefined ? {} : { name: flags.node }),
      ...(zone === undefined ? {} : { zone }),
    },
    dial: {
      addresses: given.length > 0 ? given : (own?.addresses ?? []),
      nodePortAddresses: flags.nodeportAddresses
        .filter(text => text !== 'primary')
        .map(text => cidrFlag('--nodeport-addresses', text)),
      clusterCidrs: (flags.clusterCidr?.split(',') ?? []).map(text => cidrFlag('--cluster-cidr', text)),
      masqueradeAll: flags.masqueradeAll,
      serviceCidrs: objects.flatMap(object => (object.kind === 'ServiceCIDR' ? object.cidrs : [])),
    },
  };
}

/** @throws SWB_USAGE */
export function addressFlag(flag: string, text: string): string {
  const address = canonicalAddress(text);
  if (address === undefined) throw new SwitchboardError('SWB_USAGE', `${flag} ${text} is not an IP address`);
  return address;
}

/** @throws SWB_USAGE */
export function cidrFlag(flag: string, text: string): Cidr {
  const cidr = parseCidr(text);
  if (cidr === undefined)
    throw new SwitchboardError('SWB_USAGE', `${flag} ${text} is not an address range such as 10.0.0.0/8`);
  return cidr;
}
