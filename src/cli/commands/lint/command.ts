import { Command } from '@commander-js/extra-typings';
import { withLintFlags } from './flags.ts';

export function lintCommand() {
  return withLintFlags(new Command('lint'))
    .summary('faults in Services, ports and what refers to them, in files or a cluster')
    .description(
      'Finds why a port would not arrive: selectors, names, numbers, probes, Ingress, policies. Each finding says how sure it is (certain, likely, hint), where it stands and what to do. Without --against no network is used.',
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

A finding that is accepted, with the reason:
  # switchboard:ignore R15 the app listens there
  metadata.annotations: { switchboard.dev/ignore: "R15: the app listens there" }

Exit codes: 0 nothing at or above --fail-on, 1 findings, 2 input or usage.`;
