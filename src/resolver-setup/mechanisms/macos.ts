import { fileMechanism, type Mechanism } from '../mechanism.ts';
import { parseServer } from '../server-address.ts';

/** One file a domain, read when a name is looked up (resolver(5) of macOS). */
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
  // What was not found before is forgotten.
  reload: [['dscacheutil', '-flushcache']],
  notes: ['dig and host do not read /etc/resolver; "dscacheutil -q host -a name NAME" and all programs do'],
});
