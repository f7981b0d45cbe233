/**
 * The nftables plane: every frontend is an element of a map in the kernel, and packets never meet this process.
 *
 * @module
 */
import { openNft } from './nft/nft.ts';
import { NftablesPlane } from './plane.ts';
import { preflight } from './preflight.ts';
import { type NftablesOptions, settle } from './settings.ts';

export { cleanup } from './cleanup.ts';
export { checkSysctls, type SysctlNote } from './forwarding.ts';
export type { NftOptions } from './nft/nft.ts';
export type { NftablesPlane } from './plane.ts';
export type { LocalTraffic, NftablesEvent, NftablesOptions } from './settings.ts';
export type { Difference } from './view.ts';

/** @throws SWB_NFT_MISSING, SWB_NFT_PERMISSION, SWB_NFT_UNSUPPORTED, SWB_OTHER_PROXY */
export async function createNftablesPlane(options: NftablesOptions): Promise<NftablesPlane> {
  const settings = settle(options);
  const nft = openNft(options.nft);
  try {
    await preflight(nft, settings);
    return new NftablesPlane(settings, nft);
  } catch (error) {
    nft.close();
    throw error;
  }
}
