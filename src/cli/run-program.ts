import { CommanderError } from '@commander-js/extra-typings';
import { messageOf, SwitchboardError } from '../errors.ts';
import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';

// A reader that goes away (`switchboard get routes | head -1`) is nobody's fault.
process.stdout.on('error', error => {
  if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.fine);
  throw error;
});

/** Runs the command line; the exit code is set, not taken, so that what is being written is still written. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // commander has written its message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.input;
  if (SwitchboardError.is(error)) {
    process.stderr.write(`switchboard: ${error.message} (${error.code})\n`);
    return EXIT.input;
  }
  const trace = process.env.SWITCHBOARD_DEBUG && error instanceof Error ? `${error.stack}\n` : '';
  const help = 'This is a fault in Switchboard itself; SWITCHBOARD_DEBUG=1 shows where. Please report it.';
  process.stderr.write(`switchboard: ${messageOf(error)} (SWB_INTERNAL)\n${help}\n${trace}`);
  return EXIT.input;
}
