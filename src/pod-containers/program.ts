import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../engine/index.ts';
import { engineReason, isEngineGone } from '../engine/index.ts';
import { SwitchboardError } from '../errors.ts';
import type { CommandEvents, ProgramEnd, RunningProgram } from '../pods/index.ts';

/** How often to look for an engine that is gone. */
const RETRY_MS = 500;
/** The rest of a log gets this time after the end of its container. */
const LOG_MS = 2_000;
/** What the engine and runc report for a program that cannot be started. */
const START_FAILED = 128;
const MAX_SECONDS = 2 ** 31 - 1;

export interface StartedOptions {
  readonly engine: Engine;
  readonly id: string;
  readonly onLine: (line: string) => void;
}

/** Starts a container that was created, and follows it to its end, across restarts of the engine. @throws SWB_ENGINE */
export async function startProgram({ engine, id, onLine }: StartedOptions): Promise<RunningProgram> {
  const { containers } = engine;
  let exit: Promise<number>;
  try {
    ({ exit } = await containers.start(id));
  } catch (error) {
    if (isEngineGone(error)) throw error;
    // An image without the program, or a user that it lacks: the container has ended before it began.
    const how = `could not be started: ${engineReason(error)}`;
    return endedProgram({ code: START_FAILED, how }, () => containers.remove(id));
  }
  const over = new AbortController();
  const log = followLog(engine, id, onLine, over.signal);
  let running = true;
  const ended = endOf(engine, id, exit).then(async end => {
    await Promise.race([log, delay(LOG_MS)]);
    over.abort();
    running = false;
    return end;
  });
  let killed = false;
  return {
    ended,
    get running() {
      return running;
    },
    stop: graceMs => {
      if (!running || killed) return;
      killed = graceMs <= 0;
      const graceSeconds = Math.min(Math.ceil(graceMs / 1000), MAX_SECONDS);
      const stopped = killed ? containers.kill(id) : containers.stop(id, { graceSeconds });
      // An engine that is gone, or a container that has ended meanwhile: `ended` tells.
      stopped.catch(() => undefined);
    },
    exec: (command, signal, late) => exec(engine, id, command, signal, late),
    attach: (command, events) => attach(engine, id, command, events),
    close: () => containers.remove(id).catch(() => undefined),
  };
}

function endedProgram(end: ProgramEnd, close: () => Promise<void>): RunningProgram {
  return {
    ended: Promise.resolve(end),
    running: false,
    stop: () => undefined,
    exec: async () => end.how,
    attach: async () => {
      throw new SwitchboardError('SWB_POD_EXEC', end.how);
    },
    close: () => close().catch(() => undefined),
  };
}

/** Waits for the end of a container, however often the engine goes and comes back meanwhile. */
async function endOf(engine: Engine, id: string, exit: Promise<number>): Promise<ProgramEnd> {
  let waited = exit;
  for (;;) {
    const code = await waited.catch(() => undefined);
    const found = await engine.containers.inspect(id).catch(() => 'gone' as const);
    if (found === undefined) return { code, how: 'its container was removed' };
    if (found !== 'gone' && found.state.kind === 'exited') return { code: found.state.exitCode, how: how(found.state) };
    await delay(RETRY_MS);
    waited = engine.containers.wait(id);
  }
}

function how({ exitCode, oomKilled }: { readonly exitCode: number; readonly oomKilled: boolean }): string {
  if (oomKilled) return `OOMKilled: it used more than its memory limit (exit code ${exitCode})`;
  return `exited with code ${exitCode}`;
}

/** Passes on each line once, until the container has ended. */
async function followLog(
  engine: Engine,
  id: string,
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let last: string | undefined;
  while (!signal.aborted) {
    const since = last;
    try {
      const options = { follow: true, signal, ...(since === undefined ? {} : { since }) };
      for await (const { time, text } of engine.containers.logs(id, options)) {
        // After a break the last line comes again.
        if (time !== '' && time === since) continue;
        if (time !== '') last = time;
        onLine(text);
      }
    } catch {
      // The engine has stopped, or the container is gone.
    }
    // An engine that stops may also end the log as if it were complete.
    if (await hasEnded(engine, id)) return;
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function hasEnded(engine: Engine, id: string): Promise<boolean> {
  try {
    return (await engine.containers.inspect(id))?.state.kind !== 'running';
  } catch {
    return false;
  }
}

async function exec(
  engine: Engine,
  id: string,
  command: readonly string[],
  signal: AbortSignal,
  late: string,
): Promise<string | undefined> {
  const [program = ''] = command;
  try {
    const result = await engine.containers.exec(id, { command, signal });
    if (result.kind === 'timeout') return late;
    return result.exitCode === 0 ? undefined : `${program} exited with ${result.exitCode}`;
  } catch (error) {
    return `${program}: ${signal.aborted ? late : engineReason(error)}`;
  }
}

async function attach(
  engine: Engine,
  id: string,
  command: readonly string[],
  { onOutput, signal }: CommandEvents,
): Promise<number> {
  try {
    const result = await engine.containers.exec(id, { command, signal, maxOutputBytes: 0, onOutput });
    return result.kind === 'exited' ? result.exitCode : START_FAILED;
  } catch (error) {
    throw new SwitchboardError('SWB_POD_EXEC', `${command[0]}: ${engineReason(error)}`);
  }
}
