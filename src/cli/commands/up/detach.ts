import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, watch } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { SwitchboardError } from '../../../errors.ts';
import { runtimeFolder } from '../../../system/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { defaultName, instances, undefinedIfNotRunning } from '../../instances.ts';
import { message, print } from '../../terminal.ts';
import type { UpFlags } from './flags.ts';

/** Tells the process in the background, and the gateway that it starts, that they are there. */
const DETACHED = 'SWITCHBOARD_DETACHED';

/** Whether `detach` has started this process. */
export function isDetached(): boolean {
  return process.env[DETACHED] !== undefined;
}

/** The last line that `up` prints before it only reports changes. */
const READY = /^ready: /m;

/**
 * Starts this command line again in the background, prints its output until everything serves, and leaves it.
 *
 * @returns the exit code: that of the process in the background if it ends before
 * @throws SWB_USAGE with `-f -`, and if an instance of this name runs
 */
export async function detach(flags: UpFlags): Promise<number> {
  if (flags.filename.includes('-')) {
    throw new SwitchboardError('SWB_USAGE', '-d cannot read standard input later: name a file or folder with -f');
  }
  const name = flags.name ?? defaultName(flags.filename);
  const [running] = (await instances(name).catch(undefinedIfNotRunning)) ?? [];
  if (running !== undefined) {
    throw new SwitchboardError(
      'SWB_USAGE',
      `an instance "${name}" already runs (pid ${running.pid}): stop it with "switchboard down ${name}", or name this one with --name`,
    );
  }
  const folder = join(runtimeFolder(), 'logs');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${name.replace(/[^\w.-]/g, '_')}.log`);
  const log = openSync(path, 'w', 0o600);
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    detached: true,
    stdio: ['ignore', log, log],
    env: { ...process.env, [DETACHED]: '1' },
  });
  closeSync(log);
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => code ?? EXIT.finding);
  const file = await open(path, 'r');
  const watching = new AbortController();
  try {
    const code = await Promise.race([printUntilReady(file, path, watching.signal), ended]);
    if (code !== undefined) {
      print(await file.readFile('utf8'));
      return code;
    }
  } finally {
    watching.abort();
    await file.close();
  }
  child.unref();
  message(`${name} goes on in the background (pid ${child.pid}), output in ${path}`);
  message(`  switchboard ps ${name}     lists its pods`);
  message(`  switchboard down ${name}   stops it`);
  return EXIT.fine;
}

async function printUntilReady(file: FileHandle, path: string, signal: AbortSignal): Promise<undefined> {
  const changes = watch(path, { signal });
  let text = '';
  for (;;) {
    const changed = new Promise<void>(resolve => changes.once('change', () => resolve()));
    const part = await file.readFile('utf8');
    text += part;
    print(part);
    if (READY.test(text)) return undefined;
    await changed;
  }
}
