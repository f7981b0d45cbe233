/** What libc reads in resolv.conf(5), with its defaults where the file is silent. */
export interface ResolvConf {
  /** In the order in which they are asked; glibc and musl take the first three. */
  readonly servers: readonly string[];
  /** The last of `search` and `domain` counts, as in libc. */
  readonly search: readonly string[];
  /** From this many dots on, a name is asked as it stands before the search list is tried. */
  readonly ndots: number;
  readonly options: readonly string[];
  /** The program that says in a comment that it writes the file. */
  readonly writer: string | undefined;
}

const MOST_NDOTS = 15;

/** Who writes the file, by the words of their comments. */
const WRITERS: readonly (readonly [words: RegExp, writer: string])[] = [
  [/systemd-resolved/i, 'systemd-resolved'],
  [/NetworkManager/, 'NetworkManager'],
  [/resolvconf/i, 'resolvconf'],
  [/\bWSL\b/, 'WSL'],
  [/Docker Engine/i, 'Docker'],
  [/dhclient|dhcpcd/i, 'the DHCP client'],
  [/tailscale/i, 'Tailscale'],
];

/** Lines that cannot be understood are passed over, as by libc. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: string[] = [];
  const options: string[] = [];
  const comments: string[] = [];
  for (const line of text.split('\n')) {
    if (/^[#;]/.test(line)) {
      comments.push(line);
      continue;
    }
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) servers.push(rest[0]);
    else if (word === 'search') search = rest.map(bare).filter(name => name !== '');
    else if (word === 'domain') search = rest.slice(0, 1).map(bare);
    else if (word === 'options') options.push(...rest);
  }
  const ndots = options.map(option => /^ndots:(\d+)$/.exec(option)?.[1]).findLast(value => value !== undefined);
  return {
    servers: [...new Set(servers)],
    search,
    ndots: Math.min(Number(ndots ?? 1), MOST_NDOTS),
    options,
    writer: WRITERS.find(([words]) => comments.some(comment => words.test(comment)))?.[1],
  };
}

function bare(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
