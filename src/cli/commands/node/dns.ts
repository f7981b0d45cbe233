import { createDns } from '../../../dns/index.ts';
import { SwitchboardError } from '../../../errors.ts';
import type { Kind } from '../../../kube/index.ts';
import type { NodeDns } from '../../../node/index.ts';
import { KINDS_OF_FEATURE } from '../../../sources/cluster/index.ts';
import { forwardEventText } from '../../dns/notices.ts';
import { dnsPlace, forwardingTo, reachedAt, upstreamsOf } from '../../dns/places.ts';
import type { NodeFlags } from './flags.ts';

/**
 * The agent's DNS server as the flags configure it; undefined without --dns.
 *
 * @throws SWB_USAGE
 */
export async function nodeDns(flags: NodeFlags): Promise<NodeDns | undefined> {
  if (flags.dns.length === 0) {
    if (Array.isArray(flags.dnsForward)) {
      throw new SwitchboardError('SWB_USAGE', '--dns-forward needs DNS: add --dns ADDRESS:PORT');
    }
    return undefined;
  }
  const places = flags.dns.map(text => dnsPlace('--dns', text));
  const { forwarder, options } = await forwardingTo(
    upstreamsOf(flags.dnsForward),
    () => places,
    event => forwardEventText(event, '--dns-forward'),
  );
  const kinds: readonly Kind[] = flags.dnsPods === 'verified' ? KINDS_OF_FEATURE['dns-pods'] : KINDS_OF_FEATURE.dns;
  const records = {
    zones: [flags.clusterDomain],
    ttl: flags.dnsTtl,
    pods: flags.dnsPods,
    serverAddresses: reachedAt(places),
  };
  return {
    places,
    kinds,
    open: store => createDns({ store, records, ...options }),
    ...(forwarder === undefined ? {} : { forwarded: () => forwarder.metrics() }),
    listening: () => void forwarder?.checkLoops(),
  };
}
