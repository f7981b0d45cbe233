import { Argument, Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { print } from '../../terminal.ts';

export function completionCommand(program: () => CommandUnknownOpts) {
  return new Command('completion')
    .summary('print a shell completion script')
    .description(
      'Prints a completion script.\n\n  bash   source <(switchboard completion bash)\n  zsh    source <(switchboard completion zsh)\n  fish   switchboard completion fish | source',
    )
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .action(async shell => {
      const { completionScript } = await import('./script.ts');
      print(completionScript(program(), shell));
    });
}
