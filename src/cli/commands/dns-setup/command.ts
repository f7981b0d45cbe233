import { Command } from '@commander-js/extra-typings';
import { withInstallFlags, withStatusFlags, withUninstallFlags } from './flags.ts';

export function dnsInstallCommand() {
  return withInstallFlags(new Command('install'))
    .summary("resolve the names of Services with this system's own resolver")
    .description(
      "Configures the system's resolver to query Switchboard's DNS server for names in one domain, and for nothing else.\nShows the changes and asks before making them. Refuses if it would have to take over all DNS queries.",
    )
    .action(async flags => {
      const { dnsInstall } = await import('./install.ts');
      process.exitCode = await dnsInstall(flags);
    });
}

export function dnsUninstallCommand() {
  return withUninstallFlags(new Command('uninstall'))
    .summary('undo "dns install"')
    .description('Removes what "dns install" has configured, in the hosts file too, and nothing else.')
    .action(async flags => {
      const { dnsUninstall } = await import('./uninstall.ts');
      process.exitCode = await dnsUninstall(flags);
    });
}

export function dnsStatusCommand() {
  return withStatusFlags(new Command('status'))
    .summary('show what "dns install" has configured, and whether it works')
    .description(
      "Shows which resolver this system uses, what Switchboard has configured in it, and whether Switchboard's DNS server answers.",
    )
    .action(async flags => {
      const { dnsStatus } = await import('./status.ts');
      process.exitCode = await dnsStatus(flags);
    });
}
