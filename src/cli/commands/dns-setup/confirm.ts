import { createInterface } from 'node:readline/promises';
import { SwitchboardError } from '../../../errors.ts';

/**
 * Shows what is about to be done to the system, and asks whether it shall be; says so if not.
 *
 * @throws SWB_USAGE where there is nobody to ask
 */
export async function confirmed(what: string, { yes }: { readonly yes: boolean }): Promise<boolean> {
  process.stderr.write(what);
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new SwitchboardError('SWB_USAGE', 'nothing was done: --yes does this, --print is for doing it by hand');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const agreed = /^y(es)?$/i.test((await terminal.question('do this? [y/N] ')).trim());
    if (!agreed) process.stderr.write('nothing was done\n');
    return agreed;
  } finally {
    terminal.close();
  }
}
