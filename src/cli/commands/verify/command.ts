import { Command } from '@commander-js/extra-typings';
import { withVerifyFlags } from './flags.ts';

export function verifyCommand() {
  return withVerifyFlags(new Command('verify'))
    .summary("whether the kernel's rules are what the manifests ask for")
    .description(
      'Reads the nftables rules back and compares them with the routes; prints what differs for each Service port. The flags about the node have to be those that the rules were made with.',
    )
    .action(async flags => {
      const { verify } = await import('./run.ts');
      process.exitCode = await verify(flags);
    });
}
