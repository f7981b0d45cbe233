/** Exit codes of every command; `docs/cli.md` lists them. */
export const EXIT = {
  /** Did what was asked. */
  fine: 0,
  /** Something asked for was not found to be so, or not all of it is up. */
  finding: 1,
  /** The command line or the input cannot be used. */
  input: 2,
} as const;
