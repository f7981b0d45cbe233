/**
 * The nftables plane: every frontend is an element of a map in the kernel, and packets never meet this process.
 *
 * @module
 */
import { openNft } from './nft/open.ts';
import { type NftablesOptions, resolveOptions } from './options.ts';
import { NftablesPlane } from './plane.ts';
import { preflight } from './preflight.ts';

export { cleanup } from './cleanup.ts';
export { checkSysctls, type SysctlNote } from './forwarding.ts';
export type { NftOptions } from './nft/open.ts';
export type { LocalTraffic, NftablesEvent, NftablesOptions } from './options.ts';
export { masqueradeOut } from './outward.ts';
export type { NftablesPlane } from './plane.ts';
export type { Difference } from './view.ts';

/** @throws SWB_NFT_MISSING, SWB_NFT_PERMISSION, SWB_NFT_UNSUPPORTED, SWB_OTHER_PROXY */
export async function createNftablesPlane(settings: NftablesOptions): Promise<NftablesPlane> {
  const options = resolveOptions(settings);
  const nft = openNft(options.nft);
  try {
    await preflight(nft, options);
    return new NftablesPlane(options, nft);
  } catch (error) {
    nft.close();
    throw error;
  }
}
