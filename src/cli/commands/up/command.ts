import { Command } from '@commander-js/extra-typings';
import { stopSignals } from '../../signals.ts';
import { withUpFlags } from './flags.ts';

export function upCommand() {
  return withUpFlags(new Command('up'))
    .summary("make manifests' Services work on this machine")
    .description(
      "Listens on every Service's port and carries each connection to the targetPort of a ready pod.\nEdits of the manifests are live at once. Ctrl-C drains, a second one quits.",
    )
    .action(async flags => {
      // Before the code of the command is even read: a signal must find somebody to close what it has opened.
      const stop = stopSignals();
      const { up } = await import('./run.ts');
      process.exitCode = await up(flags, stop);
    });
}
