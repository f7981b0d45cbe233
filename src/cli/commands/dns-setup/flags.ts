import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { MECHANISMS } from '../../../resolver-setup/mechanism.ts';
import { type FlagsOf, withClusterDomain, withInput, withTextOrJson } from '../../options/index.ts';

export function withInstallFlags(command: Command) {
  return withClusterDomain(withChanges(withInput(command)), 'DNS domain of the Services')
    .option('--server <address:port>', "Switchboard's DNS server (default: one that answers, else 127.0.0.1:1053)")
    .addOption(new Option('--mechanism <name>', 'use this mechanism instead of detecting it').choices(MECHANISMS))
    .option('--hosts-file', 'write the names of a running "switchboard up", or of -f, to the hosts file', false);
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
  return command.option('--root <folder>', 'root folder of another system, such as an image; no program is run', '/');
}

/** For commands that change the system's DNS configuration. */
function withChanges<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return withRoot(command)
    .option('-y, --yes', 'do not ask for confirmation', false)
    .option('--print', 'print the changes as a shell script without making them', false);
}
