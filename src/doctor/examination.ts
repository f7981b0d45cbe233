import type { SocketAddress } from '../kube/address.ts';
import type { HostsFile, InCharge, ResolverFacts, RuleHealth } from '../resolver-setup/index.ts';

/** What one way to look a name up has given. */
export type Outcome =
  | { readonly kind: 'found'; readonly name: string; readonly addresses: readonly string[] }
  /** It is there to say so: `NXDOMAIN`, `no address`, `no line`, `REFUSED`. */
  | { readonly kind: 'nothing'; readonly why: string }
  | { readonly kind: 'silent'; readonly ms: number }
  | { readonly kind: 'failed'; readonly why: string };

/** One way that programs of this system may go, or that of our own server. */
export interface PathAnswer {
  readonly path:
    | { readonly kind: 'hosts' }
    | { readonly kind: 'resolved' | 'resolv.conf' | 'ours'; readonly place: SocketAddress };
  readonly outcome: Outcome;
  /** It says of A and of AAAA different things about whether the name exists, or answers one of them only. */
  readonly uneven?: string;
}

/** All that was seen of one name. Findings are made from it, and from nothing else. */
export interface Examination {
  readonly name: string;
  readonly domain: string;
  readonly namespace: string;
  readonly facts: ResolverFacts;
  readonly charge: InCharge;
  /** What libc asks for the name, in order. */
  readonly asked: readonly string[];
  readonly paths: readonly PathAnswer[];
  /** What getaddrinfo gives programs. */
  readonly system: Outcome;
  /** The whole name, if our server knows the name as a Service's; and what getaddrinfo gives for that. */
  readonly full: { readonly name: string; readonly system: Outcome } | undefined;
  readonly rules: readonly RuleHealth[];
  readonly hosts: HostsFile;
  /** Ports of 127.0.0.1 on which somebody else answers: `53 is held by dnsmasq (pid 7)`. */
  readonly held: readonly string[];
  /** Where a running `up` serves the name. */
  readonly expected: readonly string[] | undefined;
}

export interface Finding {
  readonly id: string;
  /** A problem keeps the name from leading where it should; a note is only good to know. */
  readonly level: 'problem' | 'note';
  readonly says: string;
  readonly fix?: string;
}

/** Where our own servers say that the name leads; undefined if none knows it. */
export function ownAnswer({ paths }: Examination): Extract<Outcome, { kind: 'found' }> | undefined {
  for (const { path, outcome } of paths) if (path.kind === 'ours' && outcome.kind === 'found') return outcome;
  return undefined;
}

/** Where the name ought to lead, as far as anybody knows. */
export function rightAddresses(seen: Examination): readonly string[] | undefined {
  return seen.expected ?? ownAnswer(seen)?.addresses;
}

/** Whether any of some addresses is among others. */
export function meet(some: readonly string[], others: readonly string[]): boolean {
  return some.some(address => others.includes(address));
}
