import type { MechanismName } from './mechanism.ts';
import type { SystemState } from './system-state.ts';

/** The resolver that decides which server the system asks for a name. */
export type ActiveResolver =
  | { readonly kind: 'mechanism'; readonly name: MechanismName; readonly because: string }
  /** It asks its servers for every name, so it cannot use a server for one domain only. */
  | { readonly kind: 'whole'; readonly why: string };

const RESOLVED_STUBS: ReadonlySet<string> = new Set(['127.0.0.53', '127.0.0.54']);

/**
 * Finds the active resolver. It checks which server programs ask, and only then which services run: a resolver that
 * resolv.conf does not point to has no effect, however it is configured.
 */
export function activeResolver(state: SystemState): ActiveResolver {
  if (state.platform === 'darwin') return mechanism('macos', 'this is macOS');
  if (state.platform === 'win32') return mechanism('windows', 'this is Windows');
  const servers = state.resolvConf?.conf.servers ?? [];
  const [first] = servers;
  const stub = servers.find(server => RESOLVED_STUBS.has(server));
  if (stub !== undefined) return mechanism('systemd-resolved', `resolv.conf points to ${stub}`);
  if (state.systemd.resolvedRuns && state.sources.some(({ name }) => name === 'resolve')) {
    return mechanism('systemd-resolved', 'nsswitch.conf uses it (resolve)');
  }
  if (first?.startsWith('127.') === true || first === '::1') {
    if (state.networkManagerDns === 'dnsmasq') return mechanism('networkmanager', 'NetworkManager runs dnsmasq');
    if (state.dnsmasqRuns) return mechanism('dnsmasq', `resolv.conf points to ${first}, and dnsmasq runs`);
    return {
      kind: 'whole',
      why: `resolv.conf points to ${first}, where neither systemd-resolved nor dnsmasq listens`,
    };
  }
  if (state.resolvConf === undefined) return { kind: 'whole', why: '/etc/resolv.conf does not exist' };
  const writer = state.resolvConf.conf.writer;
  const who = writer === undefined ? '' : ` (${writer} writes it)`;
  return {
    kind: 'whole',
    why: `resolv.conf${who} points to ${servers.join(', ') || 'no server'} for all names and cannot name a server for one domain`,
  };
}

function mechanism(name: MechanismName, because: string): ActiveResolver {
  return { kind: 'mechanism', name, because };
}
