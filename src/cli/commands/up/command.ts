import { Command } from '@commander-js/extra-typings';
import { stopSignals } from '../../signals.ts';
import { withUpFlags } from './flags.ts';

export function upCommand() {
  return withUpFlags(new Command('up'))
    .summary('serve the Services of manifests on this machine')
    .description(
      'Listens on the port of every Service and forwards each connection to the targetPort of a ready pod.\nEdits of the manifests take effect at once. Ctrl-C drains open connections; a second Ctrl-C quits.',
    )
    .action(async flags => {
      // Listen before loading the command's code, so that a signal at any time closes what the command has opened.
      const stop = stopSignals();
      const { up } = await import('./run.ts');
      process.exitCode = await up(flags, stop);
    });
}
