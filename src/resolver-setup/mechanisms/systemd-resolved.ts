import { hostPort } from '../../kube/address.ts';
import type { ResolverFacts } from '../facts.ts';
import { type Decision, fileMechanism, type Mechanism, type Rule } from '../mechanism.ts';
import { parseServer } from '../server-address.ts';

const PATH = '/etc/systemd/resolved.conf.d/switchboard.conf';

/** `DNS=127.0.0.1:1053` is understood from this version on (its NEWS). */
const VERSION_WITH_PORTS = 246;

/**
 * A drop-in with a server of the global scope and a routing domain (resolved.conf(5)). A server with nothing but routing
 * domains gets no other names; but DNS= of all files is one list with one set of domains, so where somebody else has
 * named servers there, ours would be asked for their names, and theirs for none but ours.
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
 * Private domains that resolved asks no signatures for (its built-in negative trust anchors, dnssec-trust-anchors.d(5));
 * it has more, which nobody gives a cluster.
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

function refuses({ port, domain }: Rule, facts: ResolverFacts): Extract<Decision, { why: string }> | undefined {
  const { version, globalServers, onlyTls, onlySigned } = facts.systemd;
  if (port !== 53 && version !== undefined && version < VERSION_WITH_PORTS) {
    return {
      kind: 'unsupported',
      why: `systemd ${version} can ask port 53 only (ports came with ${VERSION_WITH_PORTS}), and the server is at port ${port}`,
    };
  }
  if (onlyTls) {
    return {
      kind: 'conflict',
      why: 'resolved.conf has DNSOverTLS=yes: our server would be asked by TLS, and has none',
    };
  }
  if (onlySigned && !UNSIGNED.has(domain.split('.').at(-1) ?? '')) {
    return {
      kind: 'conflict',
      why: `resolved.conf has DNSSEC=yes: unsigned answers for ${domain} would be thrown away; those for a domain in .local, .test or .internal are not`,
    };
  }
  const other = globalServers.find(({ path }) => path !== PATH);
  if (other === undefined) return undefined;
  return {
    kind: 'conflict',
    why: `${other.path} names servers for all names (DNS=${other.servers}): resolved keeps one list of them, so ours would be asked for everything, or theirs for nothing else`,
  };
}
