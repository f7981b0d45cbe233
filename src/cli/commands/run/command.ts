import { Command } from '@commander-js/extra-typings';
import type { Place } from '../../again.ts';
import { type RunFlags, withRunFlags } from './flags.ts';

export function runCommand() {
  return withRunFlags(new Command('run'))
    .summary('run a command that reaches the Services of manifests by name')
    .description(
      'Starts Services and pods, waits until they are ready, runs the command so that their names resolve, and stops everything afterwards. On Linux the command gets its own network, without root; elsewhere it gets a proxy.\nThe first line of output names the mode.',
    )
    .argument('[command...]', 'the command and its arguments, after --; a shell if there is none')
    .action(async (words, flags) => {
      const place = await placeOf(flags);
      if (place.kind === 'ended') {
        process.exitCode = place.code;
        return;
      }
      const { run } = await import('./run.ts');
      process.exitCode = await run(words, flags, place);
    });
}

/** Finds out where the command can run. @throws SWB_RUN_UNSUPPORTED with `--mode network` */
async function placeOf({ mode }: RunFlags): Promise<Place> {
  if (mode === 'proxy') return { kind: 'shared', why: 'as --mode says' };
  const { startAgain } = await import('../../again.ts');
  return startAgain(mode === 'network');
}
