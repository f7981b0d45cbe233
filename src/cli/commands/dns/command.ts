import { Command } from '@commander-js/extra-typings';
import { stopSignals } from '../../signals.ts';
import { dnsInstallCommand, dnsStatusCommand, dnsUninstallCommand } from '../dns-setup/command.ts';
import { withDnsFlags } from './flags.ts';

export function dnsCommand() {
  return withDnsFlags(new Command('dns'))
    .summary("answer DNS for manifests' Services")
    .description(
      'Answers the names of Services, endpoints and pods as a cluster does, over UDP and TCP, and asks other servers for the rest.\nEdits of the manifests are live at once.',
    )
    .addCommand(dnsInstallCommand())
    .addCommand(dnsUninstallCommand())
    .addCommand(dnsStatusCommand())
    .action(async flags => {
      // Before the code of the command is even read: a signal must find somebody to close what it has opened.
      const stop = stopSignals();
      const { dns } = await import('./run.ts');
      process.exitCode = await dns(flags, stop);
    });
}
