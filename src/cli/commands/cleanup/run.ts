import { cleanup as removeTables } from '../../../planes/nftables/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { print } from '../../terminal.ts';

/** @returns the exit code. @throws SWB_NFT_MISSING, SWB_NFT_PERMISSION, SWB_NFT_FAILED */
export async function cleanup(): Promise<number> {
  const removed = await removeTables();
  print(
    removed.length === 0
      ? 'nothing to remove: the kernel has no tables of Switchboard\n'
      : removed.map(t => `removed table ${t}\n`).join(''),
  );
  return EXIT.fine;
}
