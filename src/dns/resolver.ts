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

/** What somebody else answered. */
export interface ForwardedAnswer {
  /** The number on the wire, with the upper bits that EDNS adds: 0 NOERROR, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED. */
  readonly rcode: number;
  /** The AD bit of an upstream that validated. */
  readonly authenticated: boolean;
  /**
   * The upstream's message, to be passed on: its header with the counts, the question and the records, checked by
   * `readRecords`, TTLs counted down to now; without OPT, which belongs to one hop. undefined: no upstream has answered.
   */
  readonly message: Buffer | undefined;
  /** The Extended DNS Error (RFC 8914) that says why there is no answer, or only a stale one. */
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
