/** Compiles `src` to `dist`, with the types that the package exports, and makes the command line executable. */
import { spawnSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
const compiler = process.platform === 'win32' ? 'tsc.cmd' : 'tsc';
// Only the library's types are published: those of the command line's options are too long to be written out.
for (const project of ['tsconfig.build.json', 'tsconfig.types.json']) {
  const { status } = spawnSync(compiler, ['-p', project], { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}
chmodSync('dist/cli/main.js', 0o755);
