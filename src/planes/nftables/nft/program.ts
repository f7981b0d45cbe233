import { spawn, spawnSync } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { Serial } from '../../../scheduling/index.ts';
import { untilStarted } from '../../../system/index.ts';
import type { Nft, NftResult, NftRun } from './nft.ts';

/** The `nft` program, 20 to 35 ms a call, for systems without the library. It reads stdin; no shell is involved. */
export function openProgram(program: string): Nft | { readonly missing: string } {
  const version = spawnSync(program, ['--version'], { encoding: 'utf8' });
  if (version.error !== undefined || version.status !== 0) {
    return { missing: `the program ${program} cannot be run (${version.error?.message ?? version.stderr.trim()})` };
  }
  const serial = new Serial();
  return {
    name: `the nft program (${version.stdout.split('\n')[0]?.trim() ?? ''})`,
    run: (command, options = {}) => serial.run(() => run(program, command, options)),
    close() {},
  };
}

async function run(program: string, command: string, options: NftRun): Promise<NftResult> {
  const flags = [
    ...(options.check === true ? ['--check'] : []),
    ...(options.json === true ? ['--json'] : []),
    '--numeric-protocol',
  ];
  // With --json, nft 1.0.6 opens standard input by its path, which fails for Node's pipes since they are sockets. Only
  // list commands with fixed text use JSON, so they can be arguments.
  const input = options.json === true ? [command] : ['--file', '-'];
  const child = await untilStarted(spawn(program, [...flags, ...input], { stdio: ['pipe', 'pipe', 'pipe'] }));
  const ended = new Promise<number>(resolve => child.once('close', code => resolve(code ?? -1)));
  // If the program exits before it has read everything, its error is on stderr.
  child.stdin.on('error', () => {});
  child.stdin.end(command);
  const [output, error, status] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { ok: status === 0, output, error: error.trim() };
}
