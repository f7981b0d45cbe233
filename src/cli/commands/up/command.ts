import { Command } from '@commander-js/extra-typings';
import { SwitchboardError } from '../../../errors.ts';
import type { Place } from '../../again.ts';
import { stopSignals } from '../../signals.ts';
import { type UpFlags, withUpFlags } from './flags.ts';
import type { PodsPlan } from './pods-plan.ts';

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
      const plan = await planOf(flags);
      await sweepKilled(flags, plan);
      const place = await placeOf(flags, plan);
      if (place.kind === 'ended') {
        await plan.engine?.close();
        process.exitCode = place.code;
        return;
      }
      // A process that only waits for another one does not load this.
      const { up } = await import('./run.ts');
      process.exitCode = await up(flags, { place, plan }, stop);
    });
}

/** @throws SWB_NO_ENGINE */
async function planOf(flags: UpFlags): Promise<PodsPlan> {
  const { planPods } = await import('./pods-plan.ts');
  return planPods(flags);
}

/** Removes what an instance of the same name has left in the engine. */
async function sweepKilled({ name, filename }: UpFlags, { engine }: PodsPlan): Promise<void> {
  if (engine === undefined) return;
  const { isInside } = await import('../../again.ts');
  if (isInside()) return;
  const { engineProject, sweepEngine } = await import('../../pod-side/engine-objects.ts');
  const { defaultName } = await import('../../instances.ts');
  await sweepEngine(engine, engineProject(name ?? defaultName(filename)));
}

/** Finds out where the processes of pods can run. @throws SWB_RUN_UNSUPPORTED with `--network namespaces`, SWB_USAGE */
async function placeOf(flags: UpFlags, plan: PodsPlan): Promise<Place> {
  if (plan.mode === undefined) return { kind: 'shared', why: 'no pods run' };
  const required = flags.network === 'namespaces';
  if (flags.network === 'shared' || flags.network === 'engine') return { kind: 'shared', why: 'as --network says' };
  if (!plan.processes && !required) return { kind: 'shared', why: 'no pod runs as a process' };
  if (flags.plane !== 'userspace') {
    if (!required) return { kind: 'shared', why: `--plane ${flags.plane} serves this machine's network` };
    throw new SwitchboardError('SWB_USAGE', `--network namespaces needs --plane userspace, not ${flags.plane}`);
  }
  const { isInside, startAgain } = await import('../../again.ts');
  const { environmentOf } = await import('./pods-plan.ts');
  if (plan.engine !== undefined && !isInside()) {
    // Outside of the namespaces, with which everything in them ends. It also removes what a second Ctrl-C leaves.
    const { startEngineReaper } = await import('../../pod-side/engine-reaper.ts');
    startEngineReaper(plan.engine, plan.session, process.pid);
  }
  return startAgain(required, environmentOf(plan));
}
