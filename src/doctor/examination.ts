import type { SocketAddress } from '../net/index.ts';
import type { ActiveResolver, HostsFile, RuleHealth, SystemState } from '../resolver-setup/index.ts';

/** The result of one way to resolve a name. */
export type Outcome =
  | { readonly kind: 'found'; readonly name: string; readonly addresses: readonly string[] }
  /** A negative answer: `NXDOMAIN`, `no address`, `no line`, `REFUSED`. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'silent'; readonly ms: number }
  | { readonly kind: 'failed'; readonly why: string };

/** One way by which programs may resolve names, or Switchboard's DNS server, and its result. */
export interface PathAnswer {
  readonly path:
    | { readonly kind: 'hosts' }
    | { readonly kind: 'resolved' | 'resolv.conf' | 'ours'; readonly place: SocketAddress };
  readonly outcome: Outcome;
  /** The replies for A and AAAA disagree on whether the name exists, or one is missing. */
  readonly uneven?: string;
}

/** All observations of one name. Findings depend on nothing else. */
export interface Examination {
  readonly name: string;
  readonly domain: string;
  readonly namespace: string;
  readonly state: SystemState;
  readonly resolver: ActiveResolver;
  /** The names that libc queries, in order. */
  readonly asked: readonly string[];
  readonly paths: readonly PathAnswer[];
  /** The result of getaddrinfo. */
  readonly system: Outcome;
  /** The full name, if Switchboard's server resolves the name to a Service; and the result of getaddrinfo for it. */
  readonly full: { readonly name: string; readonly system: Outcome } | undefined;
  readonly rules: readonly RuleHealth[];
  readonly hosts: HostsFile;
  /** Ports of 127.0.0.1 that another DNS server holds: `53 is held by dnsmasq (pid 7)`. */
  readonly held: readonly string[];
  /** The addresses at which a running `up` serves the name. */
  readonly expected: readonly string[] | undefined;
}

export interface Finding {
  readonly id: string;
  /** A problem makes the name resolve wrongly or not at all; a note is information. */
  readonly level: 'problem' | 'note';
  readonly says: string;
  readonly fix?: string;
}

/** The answer of Switchboard's own servers; undefined if none knows the name. */
export function ownAnswer({ paths }: Examination): Extract<Outcome, { kind: 'found' }> | undefined {
  for (const { path, outcome } of paths) if (path.kind === 'ours' && outcome.kind === 'found') return outcome;
  return undefined;
}

/** The correct addresses of the name, if known. */
export function rightAddresses(seen: Examination): readonly string[] | undefined {
  return seen.expected ?? ownAnswer(seen)?.addresses;
}

/** Whether two lists of addresses overlap. */
export function overlap(some: readonly string[], others: readonly string[]): boolean {
  return some.some(address => others.includes(address));
}
