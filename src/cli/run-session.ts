import { SwitchboardError } from '../errors.ts';
import type { Applied } from '../planes/index.ts';
import { createUserspacePlane } from '../planes/userspace/index.ts';
import { Overrides, parseEndpointOverride, parsePodOverride } from '../pods/index.ts';
import type { ObjectsTaken } from '../routing/index.ts';
import { exitCodeOf, type RunningCommand, startCommand } from '../run/index.ts';
import { Up } from '../up/index.ts';
import type { RunFlags } from './commands/run.ts';
import { loadInput, sayNotices } from './load.ts';
import { localPods, unplacedPods } from './local-pods.ts';
import { PodLogs } from './pod-logs.ts';
import { neededRoutes, notReady, parseNeed, whyNotReady } from './route-wait.ts';
import { runNotices } from './run-notices.ts';

/** How the command finds Services by their names. */
export interface Access {
  /** @throws SWB_LISTEN_FAILED */
  open(): Promise<void>;
  /** Objects that the store has just taken. */
  readonly taken: ObjectsTaken;
  /** Routes that are real now. */
  applied(applied: Applied): void;
  /** The command's environment; what it had from ours is among it. */
  environment(own: NodeJS.ProcessEnv): NodeJS.ProcessEnv;
  close(): Promise<void>;
}

export interface Session {
  readonly access: (up: Up) => Access;
  /** Begins to listen for signals that are meant for the command. @returns what ends it */
  readonly control: (onSignal: (signal: NodeJS.Signals) => void) => () => void;
}

/**
 * Brings Services and pods up, waits for them, runs the command, and takes all down.
 *
 * @returns the exit code of the command
 * @throws what `loadInput` throws; SWB_USAGE, SWB_NOT_FOUND, SWB_NOT_READY, SWB_LISTEN_FAILED
 */
export async function runSession(words: readonly string[], flags: RunFlags, session: Session): Promise<number> {
  const stop = new Stop();
  const release = session.control(signal => stop.signal(signal));
  try {
    return await perform(words, flags, session.access, stop);
  } finally {
    release();
    // Pods that were not done in time, and whatever else is open, end with this process.
    setImmediate(() => process.exit());
  }
}

async function perform(
  words: readonly string[],
  flags: RunFlags,
  makeAccess: Session['access'],
  stop: Stop,
): Promise<number> {
  const namespace = flags.namespace ?? 'default';
  const needs = flags.need.map(text => parseNeed(text, namespace));
  const overrides = new Overrides(
    flags.pod.map(text => parsePodOverride(text, namespace)),
    flags.endpoint.map(text => parseEndpointOverride(text, namespace)),
  );
  const { source, first } = await loadInput(flags);
  const logs = new PodLogs({ show: flags.logs, ...(flags.logFile === undefined ? {} : { file: flags.logFile }) });
  let onApplied: () => void = () => undefined;
  const up = new Up({
    source,
    overrides,
    plane: createUserspacePlane({ balance: flags.balance, log: event => runNotices.planeEvent(event) }),
    pods: (report, self) => localPods(report, self, source, logs, runNotices),
    onObjects: (events, touched) => access.taken(events, touched),
    onApplied: applied => {
      access.applied(applied);
      onApplied();
    },
    onNotices: notices => sayNotices(notices, flags.verbose),
  });
  const access = makeAccess(up);
  try {
    await access.open();
    await up.start(first.events);
    if (!flags.quiet) sayUnused(overrides, up);
    const needed = neededRoutes(up.table, needs);
    if (flags.wait > 0) {
      const missing = () => notReady(up.table, needed);
      const changed = (look: () => void) => {
        onApplied = look;
        stop.onStopped = look;
      };
      const inTime = await holds(() => stop.code !== undefined || missing().length === 0, changed, flags.wait * 1000);
      if (!inTime) throw tooLate(up, missing(), flags.wait);
    }
    onApplied = () => undefined;
    if (stop.code !== undefined) return stop.code;
    if (!flags.quiet) process.stderr.write(`ready: ${needed.length} of ${[...up.table.routes()].length} routes\n`);
    const command = startCommand(words, access.environment(process.env));
    stop.pass(command);
    return await command.ended;
  } finally {
    stop.onStopped = () => process.exit(stop.code);
    await Promise.race([up.close({ drainMs: 0 }), after(flags.grace * 1000)]);
    await access.close();
    logs.close();
  }
}

/** Waits until something is so. @returns false if it is not within that time */
async function holds(it: () => boolean, onChange: (look: () => void) => void, milliseconds: number): Promise<boolean> {
  if (it()) return true;
  return new Promise(resolve => {
    const timer = setTimeout(resolve, milliseconds, false);
    onChange(() => {
      if (!it()) return;
      clearTimeout(timer);
      resolve(true);
    });
  });
}

/** Signals: before the command runs they end the start, then they are the command's, and at the end they end the wait. */
class Stop {
  /** Of the signal that came while there was no command. */
  code: number | undefined;
  onStopped: () => void = () => undefined;
  #command: RunningCommand | undefined;

  signal(signal: NodeJS.Signals): void {
    if (this.#command !== undefined) {
      this.#command.signal(signal);
      return;
    }
    this.code = exitCodeOf(signal);
    this.onStopped();
  }

  pass(command: RunningCommand): void {
    this.#command = command;
    void command.ended.then(() => {
      this.#command = undefined;
    });
  }
}

function tooLate(up: Up, missing: Parameters<typeof whyNotReady>[0], seconds: number): SwitchboardError {
  const others = unplacedPods(up.table.store, true).map(line => `\n  ${line}`);
  return new SwitchboardError(
    'SWB_NOT_READY',
    `not ready after ${seconds} s, so the command was not started:${whyNotReady(missing)}${others.join('')}`,
  );
}

function sayUnused(overrides: Overrides, up: Up): void {
  for (const unused of overrides.unused()) process.stderr.write(`warning: ${unused} names nothing among the inputs\n`);
  for (const line of unplacedPods(up.table.store, true)) process.stderr.write(`note: ${line}\n`);
}

function after(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}
