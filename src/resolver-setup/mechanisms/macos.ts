import { fileMechanism, type Mechanism } from '../mechanism.ts';
import { parseServer } from '../server-address.ts';

/** One file per domain, read at each lookup (resolver(5) of macOS). */
export const macos: Mechanism = fileMechanism({
  name: 'macos',
  path: domain => `/etc/resolver/${domain}`,
  lines: ({ address, port, domain }) => [`domain ${domain}`, `nameserver ${address}`, `port ${port}`],
  read: text => {
    const domain = /^domain (\S+)$/m.exec(text)?.[1];
    const place = parseServer(/^nameserver (\S+)$/m.exec(text)?.[1] ?? '');
    const port = Number(/^port (\d+)$/m.exec(text)?.[1]);
    if (domain === undefined || place === undefined || !Number.isInteger(port)) return undefined;
    return { domain, address: place.address, port };
  },
  // Clears cached negative answers.
  reload: [['dscacheutil', '-flushcache']],
  notes: ['dig and host do not read /etc/resolver; other programs and "dscacheutil -q host -a name NAME" do'],
});
