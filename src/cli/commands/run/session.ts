import { SwitchboardError } from '../../../errors.ts';
import type { Plane } from '../../../planes/index.ts';
import {
  type Launch,
  Overrides,
  type PodNetwork,
  parseEndpointOverride,
  parsePodOverride,
} from '../../../pods/index.ts';
import { type RunningCommand, startCommand } from '../../../run/index.ts';
import { exitCodeOf, unlessAborted } from '../../../system/index.ts';
import { Up } from '../../../up/index.ts';
import { loadInput, printNotices } from '../../load.ts';
import { localPods, unplacedPods } from '../../local-pods.ts';
import { PodLogs } from '../../pod-logs.ts';
import { message } from '../../terminal.ts';
import type { RunFlags } from './flags.ts';
import { neededRoutes, notReady, parseNeed, whyNotReady } from './route-wait.ts';

/** Gives the command access to Services by name. */
export interface Access {
  /** @throws SWB_LISTEN_FAILED */
  open(): Promise<void>;
  /** The command's environment, based on this process' own. */
  environment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  /** What to start in place of the command, and where; default: the command, here. */
  command?(words: readonly string[]): Launch;
  close(): Promise<void>;
}

export interface Session {
  /** Serves the command and the pods. */
  readonly plane: Plane;
  readonly network: PodNetwork;
  readonly access: (up: Up) => Access;
  /** Starts to listen for signals to the command. @returns a function that stops it */
  readonly control: (onSignal: (signal: NodeJS.Signals, fromTerminal: boolean) => void) => () => void;
}

/**
 * Starts Services and pods, waits for them, runs the command, and stops everything.
 *
 * @returns the exit code of the command
 * @throws what `loadInput` throws; SWB_USAGE, SWB_NOT_FOUND, SWB_NOT_READY, SWB_LISTEN_FAILED
 */
export async function runSession(words: readonly string[], flags: RunFlags, session: Session): Promise<number> {
  const stop = new Stop();
  const release = session.control((signal, fromTerminal) => stop.take(signal, fromTerminal));
  try {
    return await perform(words, flags, session, stop);
  } finally {
    release();
    // Pods that have not ended in time, and everything else that is open, end with this process.
    setImmediate(() => process.exit());
  }
}

async function perform(words: readonly string[], flags: RunFlags, session: Session, stop: Stop): Promise<number> {
  const { signal } = stop;
  const { network } = session;
  const namespace = flags.namespace ?? 'default';
  const needs = flags.need.map(text => parseNeed(text, namespace));
  const overrides = new Overrides(
    flags.pod.map(text => parsePodOverride(text, namespace)),
    flags.endpoint.map(text => parseEndpointOverride(text, namespace)),
  );
  const input = await unlessAborted(signal, loadInput(flags, { run: true })).catch(undefinedIfAborted(signal));
  if (input === undefined) return stop.code;
  const { source, first } = input;
  const logs = new PodLogs({ show: flags.logs, ...(flags.logFile === undefined ? {} : { file: flags.logFile }) });
  const up = new Up({
    source,
    overrides,
    plane: session.plane,
    pods: (report, self) => localPods(report, self, source, logs, { network, planeOf: () => undefined }),
    onNotices: notices => printNotices(notices, flags.verbose),
  });
  const access = session.access(up);
  try {
    await access.open();
    await up.start(first.events, { signal });
    if (signal.aborted) return stop.code;
    if (!flags.quiet) reportUnused(overrides, up, network);
    const needed = neededRoutes(up.table, needs);
    if (flags.wait > 0) {
      const missing = () => notReady(up.table, needed);
      const isReady = await readyWithin(flags.wait * 1000, () => missing().length === 0, up, signal);
      if (!isReady && !signal.aborted) throw tooLate(up, network, missing(), flags.wait);
    }
    if (signal.aborted) return stop.code;
    if (!flags.quiet) message(`ready: ${needed.length} of ${[...up.table.routes()].length} routes`);
    const command = startCommand(
      access.command?.(words) ?? { words, cwd: process.cwd() },
      access.environment(process.env),
    );
    stop.pass(command);
    return await command.ended;
  } finally {
    stop.quit = () => process.exit(stop.code);
    await Promise.race([up.close({ drainMs: 0 }), after(flags.grace * 1000)]);
    await access.close();
    logs.close();
  }
}

/** Turns the rejection of work that the signal interrupted into undefined. */
function undefinedIfAborted(signal: AbortSignal): (error: unknown) => undefined {
  return error => {
    if (error !== signal.reason) throw error;
    return undefined;
  };
}

/** Waits until the routes are ready, the timeout expires, or the signal is aborted. @returns whether they are ready */
async function readyWithin(ms: number, isReady: () => boolean, up: Up, signal: AbortSignal): Promise<boolean> {
  if (isReady()) return true;
  const end = Promise.withResolvers<void>();
  const timer = setTimeout(end.resolve, ms);
  const unsubscribe = up.front.onApplied(() => {
    if (isReady()) end.resolve();
  });
  signal.addEventListener('abort', () => end.resolve(), { once: true });
  await end.promise;
  unsubscribe();
  clearTimeout(timer);
  return isReady();
}

/** Signals: before the command runs they interrupt the start, then they go to the command, and afterwards they end the wait. */
class Stop {
  /** What to do with a signal after the command has ended. */
  quit: () => void = () => undefined;
  readonly #first = new AbortController();
  #code = 0;
  #command: RunningCommand | undefined;
  #hadCommand = false;

  /** Aborted by the first signal while no command runs. */
  get signal(): AbortSignal {
    return this.#first.signal;
  }

  /** The exit code for the last such signal. */
  get code(): number {
    return this.#code;
  }

  /** @param fromTerminal the terminal also sends the signal to the command, once it runs */
  take(signal: NodeJS.Signals, fromTerminal: boolean): void {
    if (fromTerminal && this.#hadCommand) return;
    if (this.#command !== undefined) {
      this.#command.signal(signal);
      return;
    }
    this.#code = exitCodeOf(signal);
    this.#first.abort();
    this.quit();
  }

  pass(command: RunningCommand): void {
    this.#command = command;
    this.#hadCommand = true;
    void command.ended.then(() => {
      this.#command = undefined;
    });
  }
}

function tooLate(
  up: Up,
  network: PodNetwork,
  missing: Parameters<typeof whyNotReady>[0],
  seconds: number,
): SwitchboardError {
  const others = unplacedPods(up.world.store, network).map(line => `\n  ${line}`);
  return new SwitchboardError(
    'SWB_NOT_READY',
    `not ready after ${seconds} s, so the command was not started:${whyNotReady(missing)}${others.join('')}`,
  );
}

function reportUnused(overrides: Overrides, up: Up, network: PodNetwork): void {
  for (const unused of overrides.unused()) message(`warning: ${unused} matches nothing in the inputs`);
  for (const line of unplacedPods(up.world.store, network)) message(`note: ${line}`);
}

function after(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
