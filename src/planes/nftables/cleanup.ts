import { SwitchboardError } from '../../errors.ts';
import { TABLE } from './layout.ts';
import { type NftOptions, openNft } from './nft/open.ts';
import { checkRights } from './preflight.ts';
import { listTables } from './readback.ts';

/**
 * Removes Switchboard's tables and nothing else, in one transaction.
 *
 * @returns the tables that existed
 * @throws SWB_NFT_MISSING, SWB_NFT_PERMISSION, SWB_NFT_FAILED
 */
export async function cleanup(options: NftOptions = {}): Promise<string[]> {
  const nft = openNft(options);
  try {
    await checkRights(nft);
    const found = (await listTables(nft)).filter(name => name === `ip ${TABLE}` || name === `ip6 ${TABLE}`);
    if (found.length === 0) return [];
    const result = await nft.run(found.map(name => `delete table ${name}\n`).join(''));
    if (!result.ok) {
      throw new SwitchboardError('SWB_NFT_FAILED', `the tables cannot be removed: ${result.error}`);
    }
    return found;
  } finally {
    nft.close();
  }
}
