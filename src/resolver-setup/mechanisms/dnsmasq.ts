import { fileMechanism, type Mechanism, type MechanismName, type Rule } from '../mechanism.ts';
import { parseServer } from '../server-address.ts';

/** One of the dnsmasq instances that a system may have. */
interface Kept {
  readonly name: MechanismName;
  readonly path: string;
  readonly reload: readonly string[];
}

/** The dnsmasq that NetworkManager starts with `dns=dnsmasq`; dns-full restarts it with its files (nmcli(1)). */
export const networkManager: Mechanism = dnsmasqAt({
  name: 'networkmanager',
  path: '/etc/NetworkManager/dnsmasq.d/switchboard.conf',
  reload: ['nmcli', 'general', 'reload', 'dns-full'],
});

/** The system's own dnsmasq. It reads such files only when it starts, not on SIGHUP (dnsmasq(8)). */
export const dnsmasq: Mechanism = dnsmasqAt({
  name: 'dnsmasq',
  path: '/etc/dnsmasq.d/switchboard.conf',
  reload: ['systemctl', 'restart', 'dnsmasq'],
});

function dnsmasqAt({ name, path, reload }: Kept): Mechanism {
  return fileMechanism({ name, path: () => path, lines, read, reload: [reload] });
}

/** With --stop-dns-rebind, dnsmasq drops answers with loopback addresses unless the domain is exempt. */
function lines({ domain, address, port }: Rule): string[] {
  return [`server=/${domain}/${address}#${port}`, `rebind-domain-ok=/${domain}/`];
}

function read(text: string): Rule | undefined {
  const match = /^server=\/([^/]+)\/(\S+)$/m.exec(text);
  const place = parseServer(match?.[2] ?? '');
  return match?.[1] === undefined || place === undefined ? undefined : { domain: match[1], ...place };
}
