import type { Answer } from 'dns-packet';

/** A question for somebody else's name, as it came. */
export interface ForwardQuestion {
  /** The name as on the wire: length-prefixed labels, no pointers, the root's zero byte last; case as asked. */
  readonly name: Uint8Array;
  /** The numbers of type and class on the wire (1 is A, 1 is IN). */
  readonly type: number;
  readonly class: number;
  /** The client's EDNS DO bit. */
  readonly dnssecOk: boolean;
  /** The client's CD bit. */
  readonly checkingDisabled: boolean;
}

/** What somebody else answered; TTLs are counted down to now. */
export interface ForwardedAnswer {
  /** The number on the wire: 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  readonly rcode: number;
  /** The AD bit of an upstream that validated. */
  readonly authenticated: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  /** Without the OPT record, which belongs to one hop. */
  readonly additionals: readonly Answer[];
  /** For SERVFAIL of our own: the Extended DNS Error (RFC 8914) that says why. */
  readonly extendedError?: { readonly code: number; readonly text: string };
}

/** What answers the names that are not ours: upstream servers, with a cache before them. */
export interface Resolver {
  /** Never rejects: what fails is a SERVFAIL with its reason. */
  resolve(question: ForwardQuestion): Promise<ForwardedAnswer>;
  /** The answer where it is known already, without asking anybody; a server answers these at once. */
  cached(question: ForwardQuestion): ForwardedAnswer | undefined;
  close(): Promise<void>;
}
