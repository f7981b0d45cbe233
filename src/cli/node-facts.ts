import { SwitchboardError } from '../errors.ts';
import { type KubeObject, LABEL_ZONE, type Node } from '../kube/index.ts';
import { type Cidr, canonicalAddress, parseCidr } from '../net/index.ts';
import type { NodeContext, TracedNode } from '../routing/index.ts';
import type { NodeFlags } from './options/index.ts';

/** The node that routes are compiled for, with its addresses and networks. */
export interface NodeFacts {
  readonly context: NodeContext;
  readonly dial: TracedNode;
}

/** Reads the flags, and the Node object of that name if the inputs have one. @throws SWB_USAGE */
export function nodeFacts(flags: NodeFlags, objects: readonly KubeObject[]): NodeFacts {
  const nodes = objects.filter((object): object is Node => object.kind === 'Node');
  const own = nodes.find(node => node.meta.name === flags.node);
  const zone = own?.meta.labels[LABEL_ZONE];
  const nodeIps = flags.nodeIp.map(text => addressFlag('--node-ip', text));
  return {
    context: {
      ...(flags.node === undefined ? {} : { name: flags.node }),
      ...(zone === undefined ? {} : { zone }),
    },
    dial: {
      addresses: nodeIps.length > 0 ? nodeIps : (own?.addresses ?? []),
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
