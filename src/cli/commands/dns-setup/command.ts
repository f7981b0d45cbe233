import { Command } from '@commander-js/extra-typings';
import { withInstallFlags, withStatusFlags, withUninstallFlags } from './flags.ts';

export function dnsInstallCommand() {
  return withInstallFlags(new Command('install'))
    .summary('have this system ask us for the names of Services')
    .description(
      "Tells the system's own resolver to ask our server for names below one domain, and nothing else, in the way this\nsystem has for that. Shows what it will do and asks; refuses where it would take over the whole resolver.",
    )
    .action(async flags => {
      const { dnsInstall } = await import('./install.ts');
      process.exitCode = await dnsInstall(flags);
    });
}

export function dnsUninstallCommand() {
  return withUninstallFlags(new Command('uninstall'))
    .summary('undo "dns install"')
    .description('Takes away what "dns install" has set, in the hosts file too, and nothing else.')
    .action(async flags => {
      const { dnsUninstall } = await import('./uninstall.ts');
      process.exitCode = await dnsUninstall(flags);
    });
}

export function dnsStatusCommand() {
  return withStatusFlags(new Command('status'))
    .summary('what "dns install" has set, and whether it works')
    .description(
      'Tells what decides about names on this system, what of ours is set there, and whether our server answers.',
    )
    .action(async flags => {
      const { dnsStatus } = await import('./status.ts');
      process.exitCode = await dnsStatus(flags);
    });
}
