import { Command } from '@commander-js/extra-typings';
import { withLintFlags } from './flags.ts';

export function lintCommand() {
  return withLintFlags(new Command('lint'))
    .summary('find faults in Services, ports and references to them')
    .description(
      'Finds reasons why connections would not arrive: selectors, names, numbers, probes, Ingress, policies. Each finding has a confidence (certain, likely, hint), a place and a fix. Without --against, lint uses no network.',
    )
    .argument('[paths...]', 'files and folders, as with -f')
    .addHelpText('after', HELP)
    .action(async (paths, flags) => {
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

To accept a finding, state the reason:
  # switchboard:ignore R15 the app listens there
  metadata.annotations: { switchboard.dev/ignore: "R15: the app listens there" }

Exit codes: 0 no finding at or above --fail-on, 1 findings, 2 invalid input or usage.`;
