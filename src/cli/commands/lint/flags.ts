import { type Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';
import { collect, type FlagsOf, withCluster, withInput } from '../../options/index.ts';

/** One -o: a format, and the file it goes to; standard output if there is none. */
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
    .option('--fail-on <confidence>', 'exit code 1 from here on: certain, likely, hint, never (default: likely)')
    .option('--complete', 'the inputs are all there is: what is not among them does not exist')
    .option('--only <rules>', 'only these rules, such as R10,R61 (repeatable)', rules, [])
    .option('--skip <rules>', 'all but these rules (repeatable)', rules, [])
    .option('--baseline <file>', 'leave out the findings of an earlier run')
    .option('--write-baseline', 'write the findings of this run to the --baseline file', false)
    .option('--config <file>', 'settings and accepted findings (default: .switchboard-lint.yaml, if it is there)')
    .addOption(new Option('--against <what>', 'in place of -f: the objects of a cluster').choices(['cluster']))
    .option('-A, --all-namespaces', 'cluster: all namespaces (so it is unless -n is given)', false);
  return withCluster(withInput(linting));
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
  return value
    .split(',')
    .map(rule => rule.trim().toUpperCase())
    .filter(rule => rule !== '')
    .reduce((sum, rule) => collect(rule, sum), all);
}
