import { Command } from '@commander-js/extra-typings';

export function cleanupCommand() {
  return new Command('cleanup')
    .summary('remove the nftables rules of Switchboard from the kernel')
    .description('Removes the tables "ip switchboard" and "ip6 switchboard", and nothing else.')
    .action(async () => {
      const { cleanup } = await import('./run.ts');
      process.exitCode = await cleanup();
    });
}
