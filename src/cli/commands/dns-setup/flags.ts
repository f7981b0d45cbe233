import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { MECHANISMS } from '../../../resolver-setup/mechanism.ts';
import { type FlagsOf, withClusterDomain, withInput, withTextOrJson } from '../../options/index.ts';

export function withInstallFlags(command: Command) {
  return withClusterDomain(withChanges(withInput(command)), 'the domain of the names')
    .option('--server <address:port>', 'where our server is (default: where one answers, else 127.0.0.1:1053)')
    .addOption(new Option('--mechanism <name>', 'the way, if it is not to be found out').choices(MECHANISMS))
    .option(
      '--hosts-file',
      'write the names of a running "switchboard up", or of -f, into the hosts file instead',
      false,
    );
}

export type DnsInstallFlags = FlagsOf<typeof withInstallFlags>;

export function withUninstallFlags(command: Command) {
  return withChanges(command);
}

export type DnsUninstallFlags = FlagsOf<typeof withUninstallFlags>;

export function withStatusFlags(command: Command) {
  return withTextOrJson(withRoot(command));
}

export type DnsStatusFlags = FlagsOf<typeof withStatusFlags>;

function withRoot<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command.option('--root <folder>', "another system's tree, an image's for example; no program is run", '/');
}

/** For commands that change the system's resolver. */
function withChanges<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withRoot(command)
    .option('-y, --yes', 'do it without asking', false)
    .option('--print', 'print what would be done, for a shell, and do nothing', false);
}
