import { Command } from '@commander-js/extra-typings';
import { withVerifyFlags } from './flags.ts';

export function verifyCommand() {
  return withVerifyFlags(new Command('verify'))
    .summary('compare the nftables rules in the kernel with the manifests')
    .description(
      'Reads the nftables rules from the kernel, compares them with the routes of the manifests, and prints the differences of each Service port. Use the same node flags as when the rules were written.',
    )
    .action(async flags => {
      const { verify } = await import('./run.ts');
      process.exitCode = await verify(flags);
    });
}
