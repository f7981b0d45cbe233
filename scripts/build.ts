/** Compiles `src` to a fresh `dist`, with the command line executable. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const compiler = process.platform === 'win32' ? 'tsc.cmd' : 'tsc';
const { status } = spawnSync(compiler, ['-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (status !== 0) process.exit(status ?? 1);
chmodSync('dist/cli/main.js', 0o755);
