/**
 * A narrow wrapper around nftables: one call is one transaction in nft's language. Uses libnftables in this process, where
 * a small transaction takes a fraction of a millisecond, or else the `nft` program.
 *
 * @module
 */
export interface NftResult {
  readonly ok: boolean;
  /** What a list printed: JSON, where `json` was asked for. */
  readonly output: string;
  /** nft's error message; empty on success. */
  readonly error: string;
}

export interface NftRun {
  /** Only check whether the kernel would accept it. */
  readonly check?: boolean;
  readonly json?: boolean;
}

export interface Nft {
  /** `libnftables 1.0.6`, `the nft program 1.0.6` */
  readonly name: string;
  /** Runs one transaction. Calls are queued. */
  run(text: string, options?: NftRun): Promise<NftResult>;
  close(): void;
}
