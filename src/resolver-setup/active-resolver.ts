import type { ResolverFacts } from './facts.ts';
import type { MechanismName } from './mechanism.ts';

/** What decides on this system which server is asked for a name. */
export type InCharge =
  | { readonly kind: 'mechanism'; readonly name: MechanismName; readonly because: string }
  /** Every server is asked for every name: telling of ours would be to hand over the whole resolver. */
  | { readonly kind: 'whole'; readonly why: string };

const RESOLVED_STUBS: ReadonlySet<string> = new Set(['127.0.0.53', '127.0.0.54']);

/**
 * Looks at what programs really ask, and only then at what runs: a resolver that nobody's resolv.conf leads to can be
 * told anything, and no name is found for it.
 */
export function inCharge(facts: ResolverFacts): InCharge {
  if (facts.platform === 'darwin') return mechanism('macos', 'this is macOS');
  if (facts.platform === 'win32') return mechanism('windows', 'this is Windows');
  const servers = facts.resolvConf?.conf.servers ?? [];
  const [first] = servers;
  const stub = servers.find(server => RESOLVED_STUBS.has(server));
  if (stub !== undefined) return mechanism('systemd-resolved', `resolv.conf leads to ${stub}`);
  if (facts.systemd.resolvedRuns && facts.sources.some(({ name }) => name === 'resolve')) {
    return mechanism('systemd-resolved', 'nsswitch.conf asks it (resolve)');
  }
  if (first?.startsWith('127.') === true || first === '::1') {
    if (facts.networkManagerDns === 'dnsmasq') return mechanism('networkmanager', 'NetworkManager runs dnsmasq');
    if (facts.dnsmasqRuns) return mechanism('dnsmasq', `resolv.conf leads to ${first}, and dnsmasq runs`);
    return {
      kind: 'whole',
      why: `resolv.conf leads to ${first}, and what listens there is none of systemd-resolved, NetworkManager's dnsmasq and dnsmasq`,
    };
  }
  if (facts.resolvConf === undefined) return { kind: 'whole', why: 'there is no /etc/resolv.conf' };
  const writer = facts.resolvConf.conf.writer;
  const who = writer === undefined ? '' : ` (${writer} writes it)`;
  return {
    kind: 'whole',
    why: `resolv.conf${who} leads to ${servers.join(', ') || 'no server'} for all names, and has no place for a domain's own server`,
  };
}

function mechanism(name: MechanismName, because: string): InCharge {
  return { kind: 'mechanism', name, because };
}
