/** A question of class IN for a name outside our zones. */
export interface ForwardQuestion {
  /** In wire form, without pointers, in the client's case. */
  readonly name: Uint8Array;
  /** The number of the type on the wire. */
  readonly type: number;
  /** The client's EDNS DO bit. */
  readonly dnssecOk: boolean;
  /** The client's CD bit. */
  readonly checkingDisabled: boolean;
}

/** The answer of an upstream. */
export interface ForwardedAnswer {
  /** Includes the upper bits in OPT. */
  readonly rcode: number;
  /** The AD bit: the upstream has validated the answer. */
  readonly authenticated: boolean;
  /**
   * The upstream's message to pass on: header, question and records, checked by `readRecords`, with TTLs as of now.
   * Without OPT, which is hop by hop. undefined if no upstream responded.
   */
  readonly message: Buffer | undefined;
  /** The answer is too large for UDP, and the upstream does not respond over TCP: the message has no records. */
  readonly truncated?: boolean;
  /** The reason for a failure or a stale answer, as an Extended DNS Error (RFC 8914). */
  readonly extendedError?: { readonly code: number; readonly text: string };
}

/** Resolves names outside our zones: upstream servers behind a cache. */
export interface Resolver {
  /** Never rejects; failures are SERVFAIL with a reason. */
  resolve(question: ForwardQuestion): Promise<ForwardedAnswer>;
  /** @returns the cached answer, if there is one */
  cached(question: ForwardQuestion): ForwardedAnswer | undefined;
  close(): Promise<void>;
}
