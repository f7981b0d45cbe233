import { CommanderError } from '@commander-js/extra-typings';
import { isOutOfFilesError, messageOf, OUT_OF_FILES, SwitchboardError } from '../errors.ts';
import { EXIT } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import { outputClosed } from './signals.ts';
import { message, printErr } from './terminal.ts';

// A reader that closes the pipe (`switchboard get routes | head -1`) is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', error => {
    if (!('code' in error) || error.code !== 'EPIPE') throw error;
    if (!outputClosed()) process.exit(EXIT.fine);
  });
}

/** Runs the command line. Sets the exit code instead of exiting, so that pending output is still written. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await buildProgram().parseAsync([...argv]);
  } catch (error) {
    process.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // commander has already printed its message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.input;
  if (SwitchboardError.is(error)) {
    message(`switchboard: ${error.message} (${error.code})`);
    return EXIT.input;
  }
  if (isOutOfFilesError(error)) {
    message(`switchboard: ${OUT_OF_FILES} (SWB_TOO_MANY_FILES)`);
    return EXIT.input;
  }
  const trace = process.env.SWITCHBOARD_DEBUG && error instanceof Error ? `${error.stack}\n` : '';
  const help = 'This is a fault in Switchboard itself. Please report it, with the output of SWITCHBOARD_DEBUG=1.';
  message(`switchboard: ${messageOf(error)} (SWB_INTERNAL)`);
  printErr(`${help}\n${trace}`);
  return EXIT.input;
}
