import { Command } from '@commander-js/extra-typings';
import { stopSignals } from '../../signals.ts';
import { fieldsOf, withNodeFlags } from './flags.ts';

export function nodeCommand() {
  return withNodeFlags(new Command('node'))
    .summary("implement a cluster's Services on this node, in place of kube-proxy (Linux, root)")
    .description(
      "Reads Services and EndpointSlices from the API server and programs nftables rules for them. Accepts kube-proxy's configuration file and flags; docs/kube-proxy-compat.md describes each.",
    )
    .action(async flags => {
      const stop = stopSignals();
      const { node } = await import('./run.ts');
      process.exitCode = await node({ ...flags, fields: fieldsOf(flags) }, stop);
    });
}
