import { Command, Option } from 'commander';
import { MECHANISMS } from '../../../resolver-setup/mechanism.ts';
import { withInput } from '../../options.ts';
import type { DnsInstallFlags, DnsStatusFlags, SetupFlags } from './flags.ts';

export function dnsInstallCommand(): Command {
  const command = new Command('install')
    .summary('have this system ask us for the names of Services')
    .description(
      "Tells the system's own resolver to ask our server for names below one domain, and nothing else, in the way this\nsystem has for that. Shows what it will do and asks; refuses where it would take over the whole resolver.",
    );
  return withChanges(withInput(command))
    .addOption(domainOption())
    .option('--server <address:port>', 'where our server is (default: where one answers, else 127.0.0.1:1053)')
    .addOption(new Option('--mechanism <name>', 'the way, if it is not to be found out').choices(MECHANISMS))
    .option(
      '--hosts-file',
      'write the names of a running "switchboard up", or of -f, into the hosts file instead',
      false,
    )
    .action(async (flags: DnsInstallFlags) => {
      const { dnsInstall } = await import('./install.ts');
      process.exitCode = await dnsInstall(flags);
    });
}

export function dnsUninstallCommand(): Command {
  const command = new Command('uninstall')
    .summary('undo "dns install"')
    .description('Takes away what "dns install" has set, in the hosts file too, and nothing else.');
  return withChanges(command).action(async (flags: SetupFlags) => {
    const { dnsUninstall } = await import('./uninstall.ts');
    process.exitCode = await dnsUninstall(flags);
  });
}

export function dnsStatusCommand(): Command {
  return withRoot(
    new Command('status')
      .summary('what "dns install" has set, and whether it works')
      .description(
        'Tells what decides about names on this system, what of ours is set there, and whether our server answers.',
      ),
  )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .action(async (flags: DnsStatusFlags) => {
      const { dnsStatus } = await import('./status.ts');
      process.exitCode = await dnsStatus(flags);
    });
}

export function domainOption(): Option {
  return new Option('--cluster-domain <name>', 'the domain of the names').default('cluster.local');
}

function withRoot(command: Command): Command {
  return command.option('--root <folder>', "another system's tree, an image's for example; no program is run", '/');
}

function withChanges(command: Command): Command {
  return withRoot(command)
    .option('-y, --yes', 'do it without asking', false)
    .option('--print', 'print what would be done, for a shell, and do nothing', false);
}
