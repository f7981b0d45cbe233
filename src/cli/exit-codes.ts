/** Exit codes of every command; `docs/cli.md` lists them. */
export const EXIT = {
  /** Success. */
  fine: 0,
  /** The command ran and found something wrong. */
  finding: 1,
  /** The command line or the input is invalid. */
  input: 2,
} as const;
