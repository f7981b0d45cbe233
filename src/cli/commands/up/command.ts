import { Command } from '@commander-js/extra-typings';
import { SwitchboardError } from '../../../errors.ts';
import type { Place } from '../../again.ts';
import { stopSignals } from '../../signals.ts';
import { type UpFlags, withUpFlags } from './flags.ts';

export function upCommand() {
  return withUpFlags(new Command('up'))
    .summary('serve the Services of manifests on this machine')
    .description(
      'Listens on the port of every Service and forwards each connection to the targetPort of a ready pod.\nEdits of the manifests take effect at once. Ctrl-C drains open connections; a second Ctrl-C quits.',
    )
    .action(async flags => {
      // Listen before loading the command's code, so that a signal at any time closes what the command has opened.
      if (flags.detach) {
        const { detach, isDetached } = await import('./detach.ts');
        if (!isDetached()) {
          process.exitCode = await detach(flags);
          return;
        }
      }
      const stop = stopSignals();
      const place = await placeOf(flags);
      if (place.kind === 'ended') {
        process.exitCode = place.code;
        return;
      }
      // A process that only waits for another one does not load this.
      const { up } = await import('./run.ts');
      process.exitCode = await up(flags, place, stop);
    });
}

/** Finds out where pods can run. @throws SWB_RUN_UNSUPPORTED with `--network namespaces`, SWB_USAGE */
async function placeOf(flags: UpFlags): Promise<Place> {
  if (!flags.run || flags.dryRun) return { kind: 'shared', why: 'no pods run' };
  if (flags.network === 'shared') return { kind: 'shared', why: 'as --network says' };
  const required = flags.network === 'namespaces';
  if (flags.plane !== 'userspace') {
    if (!required) return { kind: 'shared', why: `--plane ${flags.plane} serves this machine's network` };
    throw new SwitchboardError('SWB_USAGE', `--network namespaces needs --plane userspace, not ${flags.plane}`);
  }
  const { startAgain } = await import('../../again.ts');
  return startAgain(required);
}
