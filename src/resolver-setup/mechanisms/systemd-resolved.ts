import { hostPort } from '../../net/index.ts';
import { type Decision, fileMechanism, type Mechanism, type Rule } from '../mechanism.ts';
import { parseServer } from '../server-address.ts';
import type { SystemState } from '../system-state.ts';

const PATH = '/etc/systemd/resolved.conf.d/switchboard.conf';

/** The first version that supports `DNS=127.0.0.1:1053` (its NEWS). */
const VERSION_WITH_PORTS = 246;

/**
 * A drop-in with a server of the global scope and a routing domain (resolved.conf(5)). A scope with only routing domains
 * gets no other names. But the DNS= lines of all files form one list with one set of domains: if another file sets
 * servers, Switchboard's server would get their queries, and their servers only those for its domain.
 */
export const systemdResolved: Mechanism = fileMechanism({
  name: 'systemd-resolved',
  path: () => PATH,
  lines: ({ domain, address, port }) => [
    '[Resolve]',
    `DNS=${port === 53 ? address : hostPort(address, port)}`,
    `Domains=~${domain}`,
  ],
  read: text => {
    const place = parseServer(/^DNS=(\S+)$/m.exec(text)?.[1] ?? '');
    const domain = /^Domains=~(\S+)$/m.exec(text)?.[1];
    return place === undefined || domain === undefined ? undefined : { domain, ...place };
  },
  reload: [['systemctl', 'reload-or-restart', 'systemd-resolved']],
  refuses,
});

/**
 * Private domains for which resolved requires no signatures (its built-in negative trust anchors,
 * dnssec-trust-anchors.d(5)); it has more, which no cluster uses.
 */
const UNSIGNED: ReadonlySet<string> = new Set([
  'local',
  'test',
  'internal',
  'lan',
  'home',
  'corp',
  'private',
  'intranet',
]);

function refuses({ port, domain }: Rule, state: SystemState): Extract<Decision, { why: string }> | undefined {
  const { version, globalServers, onlyTls, onlySigned } = state.systemd;
  if (port !== 53 && version !== undefined && version < VERSION_WITH_PORTS) {
    return {
      kind: 'unsupported',
      why: `systemd ${version} supports port 53 only (other ports since ${VERSION_WITH_PORTS}), and the server is on port ${port}`,
    };
  }
  if (onlyTls) {
    return {
      kind: 'conflict',
      why: 'resolved.conf has DNSOverTLS=yes, and the DNS server does not support TLS',
    };
  }
  if (onlySigned && !UNSIGNED.has(domain.split('.').at(-1) ?? '')) {
    return {
      kind: 'conflict',
      why: `resolved.conf has DNSSEC=yes, which drops unsigned answers for ${domain}: use a domain in .local, .test or .internal`,
    };
  }
  const other = globalServers.find(({ path }) => path !== PATH);
  if (other === undefined) return undefined;
  return {
    kind: 'conflict',
    why: `${other.path} sets servers for all names (DNS=${other.servers}); resolved has one list of servers, so it would use Switchboard's for all names, or the others for none`,
  };
}
