import { SwitchboardError } from '../../../errors.ts';
import { openLibrary } from './library.ts';
import type { Nft } from './nft.ts';
import { openProgram } from './program.ts';

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
