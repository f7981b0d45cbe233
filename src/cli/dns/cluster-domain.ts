import { zoneLabels } from '../../dns/index.ts';
import { SwitchboardError } from '../../errors.ts';

/** The value of --cluster-domain, in lower case and without the trailing dot. @throws SWB_USAGE */
export function clusterDomain(text: string): string {
  try {
    return zoneLabels(text).join('.');
  } catch {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--cluster-domain ${text}: not a domain name; write a name such as cluster.local`,
    );
  }
}

/** Top-level domains reserved for private use (RFC 6761; ICANN, 2024). All others are public or may become so. */
const PRIVATE: ReadonlySet<string> = new Set(['test', 'internal']);

/**
 * A domain that Switchboard may answer for without hiding names of other owners.
 *
 * @throws SWB_USAGE
 */
export function ownDomain(text: string): string {
  if (text === '' || text === '.') {
    throw new SwitchboardError(
      'SWB_USAGE',
      `--cluster-domain ${text}: this is the root of all names; write a domain such as cluster.local`,
    );
  }
  const domain = clusterDomain(text);
  if (domain.includes('.') || PRIVATE.has(domain)) return domain;
  throw new SwitchboardError(
    'SWB_USAGE',
    `--cluster-domain ${domain}: this domain holds names of other owners; write one of two labels, such as cluster.local`,
  );
}
