/**
 * The variables that programs need to run on this machine. No others are passed on: a container sees what its manifest
 * declares, and not, say, a PORT that is set in the shell.
 */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'PATHEXT'];

/** The variables that a container gets from the machine if it runs as a process. */
export function inheritedEnvironment(own: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap(name => {
      const value = own[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
