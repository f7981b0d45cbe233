import type { HostsLine } from './block.ts';

/** A Service and its addresses; those of its pods if it is headless. */
export interface NamedService {
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
}

export interface NamingOptions {
  readonly domain: string;
  /** The namespace whose Services also get their bare name. */
  readonly namespace: string;
  /** Names that other lines of the file have, and keep. */
  readonly taken: ReadonlySet<string>;
}

export interface HostsNames {
  readonly lines: readonly HostsLine[];
  /** Names that are skipped because other lines have them. */
  readonly skipped: readonly string[];
}

/** Names of the machine itself (RFC 6761, and those that distributions add). */
const RESERVED: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
]);

/** The lines of Services: full name, `NAME.NAMESPACE.svc`, `NAME.NAMESPACE`, and NAME for one namespace. */
export function hostsNames(services: readonly NamedService[], options: NamingOptions): HostsNames {
  const { domain, namespace, taken } = options;
  const skipped = new Set<string>();
  const lines: HostsLine[] = [];
  for (const service of services.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    const base = `${service.name}.${service.namespace}`;
    const all = [`${base}.svc.${domain}`, `${base}.svc`, base];
    if (service.namespace === namespace) all.push(service.name);
    const names = all.filter(name => !taken.has(name) && !RESERVED.has(name));
    for (const name of all) if (!names.includes(name)) skipped.add(name);
    if (names.length === 0) continue;
    for (const address of new Set(service.addresses)) lines.push({ address, names });
  }
  return { lines, skipped: [...skipped] };
}

function keyOf({ namespace, name }: NamedService): string {
  return `${namespace}/${name}`;
}
