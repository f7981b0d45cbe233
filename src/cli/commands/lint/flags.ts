import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { collect, type FlagsOf, NAMESPACE_TO_READ, withCluster, withInput } from '../../options/index.ts';

/** One -o: a format, and the file to write; without one, standard output. */
export interface LintOutput {
  readonly format: string;
  readonly file?: string;
}

const FORMATS = ['table', 'json', 'sarif', 'junit', 'github', 'markdown'];

export function withLintFlags(command: Command) {
  const linting = command
    .addOption(
      new Option('-o, --output <format[=file]>', `${FORMATS.join(', ')}; repeatable, -o sarif=out.sarif writes a file`)
        .argParser(output)
        .default([], 'table'),
    )
    .option('--fail-on <confidence>', 'lowest confidence that fails: certain, likely, hint, never (default: likely)')
    .option('--complete', 'treat the inputs as complete: what they lack does not exist')
    .option('--only <rules>', 'run these rules only, such as R10,R61 (repeatable)', rules, [])
    .option('--skip <rules>', 'skip these rules (repeatable)', rules, [])
    .option('--baseline <file>', 'omit the findings that this file lists')
    .option('--write-baseline', 'write the findings of this run to the --baseline file', false)
    .option('--config <file>', 'settings and accepted findings (default: .switchboard-lint.yaml if present)')
    .addOption(new Option('--against <what>', 'read the objects of a cluster instead of -f').choices(['cluster']))
    .option('-A, --all-namespaces', 'cluster: all namespaces (the default without -n)', false);
  return withCluster(withInput(linting, NAMESPACE_TO_READ));
}

export type LintFlags = FlagsOf<typeof withLintFlags>;

function output(value: string, all: readonly LintOutput[]): readonly LintOutput[] {
  const equals = value.indexOf('=');
  const format = equals === -1 ? value : value.slice(0, equals);
  if (!FORMATS.includes(format)) throw new InvalidArgumentError(`There are ${FORMATS.join(', ')}.`);
  const file = equals === -1 ? '' : value.slice(equals + 1);
  return [...all, { format, ...(file === '' ? {} : { file }) }];
}

function rules(value: string, all: readonly string[]): readonly string[] {
  const named = value
    .split(',')
    .map(rule => rule.trim().toUpperCase())
    .filter(rule => rule !== '');
  if (named.length === 0) throw new InvalidArgumentError('It names no rule.');
  return named.reduce((sum, rule) => collect(rule, sum), all);
}
