import { SwitchboardError } from '../../errors.ts';
import { type NftOptions, openNft } from './nft/open.ts';

/**
 * Masquerades what leaves this network namespace by an interface, in a table of its own.
 *
 * @throws SWB_NFT_MISSING, SWB_NFT_FAILED
 */
export async function masqueradeOut(device: string, options: NftOptions = {}): Promise<void> {
  const nft = openNft(options);
  try {
    const table = 'table ip switchboard-out';
    const rule = `type nat hook postrouting priority 100; oifname "${device}" masquerade;`;
    const done = await nft.run(`${table} { chain postrouting { ${rule} }; }`);
    if (!done.ok) throw new SwitchboardError('SWB_NFT_FAILED', `cannot masquerade the packets of pods: ${done.error}`);
  } finally {
    nft.close();
  }
}
