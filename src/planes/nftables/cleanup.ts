import { SwitchboardError } from '../../errors.ts';
import { TABLE } from './layout.ts';
import { type NftOptions, openNft } from './nft/nft.ts';
import { checkRights } from './preflight.ts';
import { listTables } from './readback.ts';

/**
 * Removes our tables and nothing else, in one transaction.
 *
 * @returns the tables that were there
 * @throws SWB_NFT_MISSING, SWB_NFT_PERMISSION, SWB_NFT_FAILED
 */
export async function cleanup(options: NftOptions = {}): Promise<string[]> {
  const nft = openNft(options);
  try {
    await checkRights(nft);
    const ours = (await listTables(nft)).filter(name => name === `ip ${TABLE}` || name === `ip6 ${TABLE}`);
    if (ours.length === 0) return [];
    const result = await nft.run(ours.map(name => `delete table ${name}\n`).join(''));
    if (!result.ok) {
      throw new SwitchboardError('SWB_NFT_FAILED', `the tables cannot be removed: ${result.error}`);
    }
    return ours;
  } finally {
    nft.close();
  }
}
