import type { HostsLine } from './block.ts';

/** A Service and the addresses it is dialled at; the pods' own ones if it is headless. */
export interface NamedService {
  readonly name: string;
  readonly namespace: string;
  readonly addresses: readonly string[];
}

export interface NamingOptions {
  readonly domain: string;
  /** Whose Services have their bare name, too. */
  readonly namespace: string;
  /** Names that others' lines have: whoever looks them up must find what they found before. */
  readonly taken: ReadonlySet<string>;
}

export interface HostsNames {
  readonly lines: readonly HostsLine[];
  /** Names that were left to those who have them. */
  readonly left: readonly string[];
}

/** Names of this machine itself (RFC 6761, and what distributions write). */
const RESERVED: ReadonlySet<string> = new Set([
  'localhost',
  'localhost.localdomain',
  'broadcasthost',
  'ip6-localhost',
  'ip6-loopback',
]);

/** The lines for some Services: full name, `NAME.NAMESPACE.svc`, `NAME.NAMESPACE`, and NAME for one namespace. */
export function hostsNames(services: readonly NamedService[], options: NamingOptions): HostsNames {
  const { domain, namespace, taken } = options;
  const left = new Set<string>();
  const lines: HostsLine[] = [];
  for (const service of services.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    const base = `${service.name}.${service.namespace}`;
    const all = [`${base}.svc.${domain}`, `${base}.svc`, base];
    if (service.namespace === namespace) all.push(service.name);
    const names = all.filter(name => !taken.has(name) && !RESERVED.has(name));
    for (const name of all) if (!names.includes(name)) left.add(name);
    if (names.length === 0) continue;
    for (const address of new Set(service.addresses)) lines.push({ address, names });
  }
  return { lines, left: [...left] };
}

function keyOf({ namespace, name }: NamedService): string {
  return `${namespace}/${name}`;
}
