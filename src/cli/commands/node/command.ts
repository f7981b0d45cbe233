import { Command } from '@commander-js/extra-typings';
import { stopSignals } from '../../signals.ts';
import { fieldsOf, withNodeFlags } from './flags.ts';

export function nodeCommand() {
  return withNodeFlags(new Command('node'))
    .summary("carry a cluster's Services on this node, in place of kube-proxy (Linux, root)")
    .description(
      "Reads Services and EndpointSlices from the API server and keeps the kernel's nftables rules as they ask for. Takes kube-proxy's configuration file and flags; docs/kube-proxy-compat.md says what becomes of each.",
    )
    .action(async flags => {
      const stop = stopSignals();
      const { node } = await import('./run.ts');
      process.exitCode = await node({ ...flags, fields: fieldsOf(flags) }, stop);
    });
}
