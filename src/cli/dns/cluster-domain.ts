import { zoneLabels } from '../../dns/index.ts';
import { SwitchboardError } from '../../errors.ts';

/** The domain that --cluster-domain names, in small letters and without the root's dot. @throws SWB_USAGE */
export function clusterDomain(text: string): string {
  try {
    return zoneLabels(text).join('.');
  } catch {
    throw new SwitchboardError('SWB_USAGE', `--cluster-domain ${text}: a domain is a name such as cluster.local`);
  }
}

/** Reserved for private use (RFC 6761; ICANN, 2024). Others of one label are, or may become, everybody's. */
const PRIVATE: ReadonlySet<string> = new Set(['test', 'internal']);

/**
 * A domain that may be taken from the system's resolver without taking others' names with it.
 *
 * @throws SWB_USAGE
 */
export function ownDomain(text: string): string {
  if (text === '' || text === '.') {
    throw new SwitchboardError('SWB_USAGE', `--cluster-domain ${text}: the root is every name; write cluster.local`);
  }
  const domain = clusterDomain(text);
  if (domain.includes('.') || PRIVATE.has(domain)) return domain;
  throw new SwitchboardError(
    'SWB_USAGE',
    `--cluster-domain ${domain}: others' names are below it; write a domain of two labels, such as cluster.local`,
  );
}
