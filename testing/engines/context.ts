import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { FindContext } from '../../src/engine/index.ts';

/** A machine with an empty home folder, whose programs are those in PATH. */
export function contextFor(folder: string, env: NodeJS.ProcessEnv): FindContext {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  return {
    env: { PATH: process.env.PATH, HOME: home, ...env },
    home,
    platform: process.platform,
    uid: process.getuid?.(),
  };
}
