import { type ChildProcess, spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { untilStarted } from '../../system/index.ts';

/**
 * Runs a program of the system with text on its standard input.
 *
 * @throws SWB_POD_NETWORK with what the program reports
 */
export async function runProgram([program = '', ...args]: readonly string[], input: string): Promise<void> {
  const child = spawn(program, args, { stdio: ['pipe', 'ignore', 'pipe'] });
  await started(child, program);
  const code = new Promise<number | null>(resolve => child.on('close', resolve));
  // The program may end before it has read everything; its exit code tells.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [said, status] = await Promise.all([text(child.stderr), code]);
  if (status !== 0) {
    throw new SwitchboardError('SWB_POD_NETWORK', `${program} ended with code ${status}: ${said.trim()}`);
  }
}

/** Waits until a program runs. @throws SWB_POD_NETWORK with the package that it is part of */
export async function started(child: ChildProcess, program: string): Promise<void> {
  try {
    await untilStarted(child);
  } catch (error) {
    throw new SwitchboardError('SWB_POD_NETWORK', startFault(program, error), { cause: error });
  }
}

const PACKAGES: Readonly<Record<string, string>> = { ip: 'iproute2', nsenter: 'util-linux', unshare: 'util-linux' };

function startFault(program: string, error: unknown): string {
  if (systemCodeOf(error) !== 'ENOENT') return `${program}: ${messageOf(error)}`;
  return `the program "${program}" is missing; it is part of ${PACKAGES[program] ?? 'your system'}`;
}
