import { Command, InvalidArgumentError, Option } from 'commander';
import { collect, withCluster, withInput } from '../../options.ts';
import type { LintFlags, LintOutput } from './flags.ts';

const FORMATS = ['table', 'json', 'sarif', 'junit', 'github', 'markdown'];

export function lintCommand(): Command {
  const command = new Command('lint')
    .summary('faults in Services, ports and what refers to them, in files or a cluster')
    .description(
      'Finds why a port would not arrive: selectors, names, numbers, probes, Ingress, policies. Each finding says how sure it is (certain, likely, hint), where it stands and what to do. Without --against no network is used.',
    )
    .argument('[paths...]', 'files and folders, as with -f')
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
    .option('-A, --all-namespaces', 'cluster: all namespaces (so it is unless -n is given)', false)
    .addHelpText('after', HELP);
  return withCluster(withInput(command)).action(async (paths: string[], flags: LintFlags) => {
    const { runLint } = await import('./run.ts');
    process.exitCode = await runLint({ ...flags, filename: [...flags.filename, ...paths] });
  });
}

const HELP = `
Examples:
  switchboard lint k8s/
  helm template shop ./chart | switchboard lint --complete -f -
  switchboard lint --against cluster -n prod
  switchboard lint -f k8s/ -o table -o sarif=lint.sarif --fail-on certain

A finding that is accepted, with the reason:
  # switchboard:ignore R15 the app listens there
  metadata.annotations: { switchboard.dev/ignore: "R15: the app listens there" }

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 input or usage.`;

function output(value: string, all: readonly LintOutput[]): LintOutput[] {
  const equals = value.indexOf('=');
  const format = equals === -1 ? value : value.slice(0, equals);
  if (!FORMATS.includes(format)) throw new InvalidArgumentError(`There are ${FORMATS.join(', ')}.`);
  const file = equals === -1 ? '' : value.slice(equals + 1);
  return [...all, { format, ...(file === '' ? {} : { file }) }];
}

function rules(value: string, all: readonly string[]): string[] {
  return value
    .split(',')
    .map(rule => rule.trim().toUpperCase())
    .filter(rule => rule !== '')
    .reduce((sum, rule) => collect(rule, sum), [...all]);
}
