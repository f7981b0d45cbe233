import { resolve } from 'node:path';
import { SwitchboardError, systemCodeOf } from '../../errors.ts';
import { inheritedEnvironment } from '../config/inherited.ts';
import type { PodPlace, ProcessView } from '../network.ts';
import type { RunningProgram, StartProgram } from '../program.ts';
import { ContainerProcess } from './container-process.ts';
import { attachTo, execIn } from './exec.ts';
import type { OrphanGuard } from './orphan-guard.ts';

export interface ProcessStartOptions {
  readonly view: ProcessView;
  readonly claims: PodPlace['claims'];
  readonly guard: OrphanGuard;
  /** The base of a relative workingDir, and the working directory of containers without one. */
  readonly directory: string;
}

/** Starts containers as processes of this machine: their commands, with this machine's programs and files. */
export function processStart({ view, claims, guard, directory }: ProcessStartOptions): StartProgram {
  return async (container, config, { onLine, signal }) => {
    const opened = await view(config.mounts);
    try {
      signal.throwIfAborted();
      const words = [...config.command, ...config.args];
      const env = { ...inheritedEnvironment(process.env), ...config.env };
      const cwd = config.workingDir === undefined ? directory : resolve(directory, config.workingDir);
      const stopSignal = container.run?.stopSignal;
      const program = launch(
        () => new ContainerProcess({ words, env, cwd, stopSignal, view: opened, claims, guard, onLine }),
      );
      return {
        ended: program.ended,
        get running() {
          return program.running;
        },
        stop: graceMs => program.stop(graceMs),
        exec: (command, abort, late) => execIn(command, { view: opened, env, cwd }, abort, late),
        attach: (command, commandEvents) => attachTo(command, { view: opened, env, cwd }, commandEvents),
        close: () => opened.close(),
      } satisfies RunningProgram;
    } catch (error) {
      await opened.close();
      throw error;
    }
  };
}

function launch(start: () => ContainerProcess): ContainerProcess {
  try {
    return start();
  } catch (error) {
    // Such as an environment that is too large. The message might have parts of it.
    const why = `RunContainerError: the program cannot be started: ${systemCodeOf(error) ?? 'invalid arguments'}`;
    throw new SwitchboardError('SWB_POD_CONFIG', why);
  }
}
