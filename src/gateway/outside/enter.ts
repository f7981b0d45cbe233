import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { messageOf, SwitchboardError } from '../../errors.ts';
import { exitCodeOf, handleSignals } from '../../system/index.ts';
import { type Entered, MARK } from '../entered.ts';
import type { ToHost } from '../messages.ts';
import { post, serveHost } from './host-side.ts';
import type { Isolation } from './isolation.ts';

/** The shell is the first process of the namespaces: it reaps orphans, which Node does not. */
const INIT = '"$@"; exit $?';

/** How the gateway ended: with an exit code, or at once, since this system lacks what it needs. */
export type GatewayEnd =
  | { readonly kind: 'ended'; readonly code: number }
  | { readonly kind: 'unsupported'; readonly why: string };

/**
 * Runs a program in namespaces of its own as their root, and opens sockets in the host's network for it (`HostSockets`).
 * All that it has started ends with it.
 *
 * @param folder for the files of pods; removed at the end
 * @param env added to the program's environment
 * @returns how it ended
 * @throws SWB_RUN_UNSUPPORTED
 */
export async function runGateway(
  program: readonly string[],
  isolation: Isolation,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<GatewayEnd> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const { enter, become, endsAll } = isolation;
    const entered: Entered = { folder, pid: process.pid, isolation: { become, endsAll } };
    const gateway = start([...enter, 'sh', '-c', INIT, 'sh', ...program], entered, env);
    serveHost(gateway, folder);
    // A terminal sends the signal to both processes; the gateway ignores it and waits for this message.
    handleSignals(process.stdin.isTTY, (signal, fromTerminal) =>
      post(gateway, { kind: 'signal', signal, fromTerminal }),
    );
    return await ended(gateway);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function start(
  [command = '', ...args]: readonly string[],
  entered: Entered,
  env: Readonly<Record<string, string>>,
): ChildProcess {
  return spawn(command, args, {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, ...env, [MARK]: JSON.stringify(entered) },
  });
}

function ended(gateway: ChildProcess): Promise<GatewayEnd> {
  return new Promise((resolve, reject) => {
    let end: GatewayEnd | undefined;
    gateway.on('message', (message: ToHost) => {
      if (message.kind === 'unsupported') end = message;
    });
    gateway.on('error', error => {
      reject(new SwitchboardError('SWB_RUN_UNSUPPORTED', messageOf(error), { cause: error }));
    });
    gateway.on('exit', (code, signal) => resolve(end ?? { kind: 'ended', code: code ?? exitCodeOf(signal) }));
  });
}
