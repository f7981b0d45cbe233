import type { Command } from '@commander-js/extra-typings';
import { collect, type FlagsOf, withClusterDomain, withTextOrJson } from '../../options/index.ts';

export function withDoctorFlags(command: Command) {
  const names = withClusterDomain(command, 'DNS domain of the Services')
    .option('-n, --namespace <name>', 'namespace whose Services have short names', 'default')
    .option('--server <address:port>', "another address of Switchboard's DNS server (repeatable)", collect, []);
  return withTextOrJson(names).option('--fix', 'remove entries of ended processes from the hosts file', false);
}

export type DoctorFlags = FlagsOf<typeof withDoctorFlags>;
