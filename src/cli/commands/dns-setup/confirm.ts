import { createInterface } from 'node:readline/promises';
import { SwitchboardError } from '../../../errors.ts';
import { message, printErr } from '../../terminal.ts';

/**
 * Shows the changes to the system and asks for confirmation. Prints a line if the user declines.
 *
 * @throws SWB_USAGE without a terminal to ask on
 */
export async function confirmed(what: string, { yes }: { readonly yes: boolean }): Promise<boolean> {
  printErr(what);
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new SwitchboardError(
      'SWB_USAGE',
      'nothing was changed: there is no terminal to ask on; confirm with --yes, or print the commands with --print',
    );
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const agreed = /^y(es)?$/i.test((await terminal.question('apply these changes? [y/N] ')).trim());
    if (!agreed) message('nothing was changed');
    return agreed;
  } finally {
    terminal.close();
  }
}
