import { isIP } from 'node:net';

/** The settings of a resolv.conf(5), with libc's defaults for those that the file omits. */
export interface ResolvConf {
  /** Name servers in query order, without duplicates; glibc and musl use the first three. */
  readonly servers: readonly string[];
  /** As in libc, the last `search` or `domain` line wins. */
  readonly search: readonly string[];
  /** Names with at least this many dots are tried as written before the search list is applied. */
  readonly ndots: number;
  readonly options: readonly string[];
  /** The program that generates the file, according to its comments. */
  readonly writer: string | undefined;
}

const MAX_NDOTS = 15;

/** Phrases that programs leave in the comments of a file that they generate. */
const WRITERS: readonly (readonly [words: RegExp, writer: string])[] = [
  [/systemd-resolved/i, 'systemd-resolved'],
  [/NetworkManager/, 'NetworkManager'],
  [/resolvconf/i, 'resolvconf'],
  [/\bWSL\b/, 'WSL'],
  [/Docker Engine/i, 'Docker'],
  [/dhclient|dhcpcd/i, 'the DHCP client'],
  [/tailscale/i, 'Tailscale'],
];

/** Parses the text of a resolv.conf. Like libc, ignores lines that it does not understand. */
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
    // An indented keyword is not a keyword: glibc and musl compare from the first column.
    const [keyword, ...values] = line.trimEnd().split(/[ \t]+/);
    const [first] = values;
    if (keyword === 'nameserver' && first !== undefined && isServerAddress(first)) servers.push(first);
    else if (keyword === 'search') search = values.map(normalizeDomain).filter(name => name !== '');
    else if (keyword === 'domain') search = values.slice(0, 1).map(normalizeDomain);
    else if (keyword === 'options') options.push(...values);
  }
  const ndots = options.map(option => /^ndots:(\d+)$/.exec(option)?.[1]).findLast(value => value !== undefined);
  return {
    servers: [...new Set(servers)],
    search,
    ndots: Math.min(Number(ndots ?? 1), MAX_NDOTS),
    options,
    writer: WRITERS.find(([words]) => comments.some(comment => words.test(comment)))?.[1],
  };
}

/** An IP address, with an optional zone for link-local ones (`fe80::1%eth0`). */
function isServerAddress(text: string): boolean {
  return isIP(text.replace(/%[\w.-]+$/, '')) !== 0;
}

function normalizeDomain(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
