import type { AgainstFlags, InputFlags } from '../../options.ts';

/** One -o: a format, and the file it goes to; standard output if there is none. */
export interface LintOutput {
  readonly format: string;
  readonly file?: string;
}

export interface LintFlags extends InputFlags, Omit<AgainstFlags, 'against'> {
  readonly against?: 'cluster';
  readonly allNamespaces: boolean;
  readonly output: readonly LintOutput[];
  readonly failOn?: string;
  readonly complete?: boolean;
  readonly only: readonly string[];
  readonly skip: readonly string[];
  readonly baseline?: string;
  readonly writeBaseline: boolean;
  readonly config?: string;
}
