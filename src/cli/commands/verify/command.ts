import { Command, Option } from 'commander';
import { withAgainst, withInput, withNftables } from '../../options.ts';
import type { VerifyFlags } from './flags.ts';

export function verifyCommand(): Command {
  const command = new Command('verify')
    .summary("whether the kernel's rules are what the manifests ask for")
    .description(
      'Reads the nftables rules back and compares them with the routes; prints what differs for each Service port. The flags about the node have to be those that the rules were made with.',
    );
  return withNftables(withAgainst(withInput(command)))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (flags: VerifyFlags) => {
      const { verify } = await import('./run.ts');
      process.exitCode = await verify(flags);
    });
}
