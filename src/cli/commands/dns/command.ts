import { Command } from '@commander-js/extra-typings';
import { stopSignals } from '../../signals.ts';
import { dnsInstallCommand, dnsStatusCommand, dnsUninstallCommand } from '../dns-setup/command.ts';
import { withDnsFlags } from './flags.ts';

export function dnsCommand() {
  return withDnsFlags(new Command('dns'))
    .summary('serve DNS for the Services of manifests')
    .description(
      'Answers queries for Services, endpoints and pods as the DNS server of a cluster does, over UDP and TCP, and forwards all other queries to upstream servers. Edits of the manifests take effect at once.',
    )
    .addCommand(dnsInstallCommand())
    .addCommand(dnsUninstallCommand())
    .addCommand(dnsStatusCommand())
    .action(async flags => {
      // Listen before loading the command's code, so that a signal at any time closes what the command has opened.
      const stop = stopSignals();
      const { dns } = await import('./run.ts');
      process.exitCode = await dns(flags, stop);
    });
}
