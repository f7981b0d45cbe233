import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The folder for what outlives a run: `$XDG_STATE_HOME/switchboard`, else `~/.local/state/switchboard`. It may not exist. */
export function stateFolder(): string {
  const base = process.env.XDG_STATE_HOME;
  return join(base === undefined || base === '' ? join(homedir(), '.local', 'state') : base, 'switchboard');
}

/** The same folder, which only this user can enter. */
export function makeStateFolder(): string {
  const folder = stateFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}
