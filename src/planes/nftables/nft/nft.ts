/**
 * A narrow wrapper around nftables: one call is one transaction in nft's language. Uses libnftables in this process, where
 * a small transaction takes a fraction of a millisecond, or else the `nft` program.
 *
 * @module
 */
import { SwitchboardError } from '../../../errors.ts';
import { openLibrary } from './library.ts';
import { openProgram } from './program.ts';

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

export interface NftOptions {
  /** Name or path of the library and of the program; others than the usual ones only in tests. */
  readonly library?: string;
  readonly program?: string;
}

/** @throws SWB_NFT_MISSING if there is neither library nor program */
export function openNft(options: NftOptions = {}): Nft {
  const library = openLibrary(options.library ?? 'libnftables.so.1');
  if ('run' in library) return library;
  const program = openProgram(options.program ?? 'nft');
  if ('run' in program) return program;
  throw new SwitchboardError(
    'SWB_NFT_MISSING',
    `nftables cannot be reached: ${library.missing}, and ${program.missing}. Install libnftables1 (Debian, Ubuntu), nftables (Fedora, Alpine, Arch) or the nft program`,
  );
}
