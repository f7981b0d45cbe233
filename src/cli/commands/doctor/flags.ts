import type { Command } from '@commander-js/extra-typings';
import { collect, type FlagsOf, withClusterDomain, withTextOrJson } from '../../options/index.ts';

export function withDoctorFlags(command: Command) {
  const asked = withClusterDomain(command, 'the domain of the names')
    .option('-n, --namespace <name>', 'the namespace whose Services have short names', 'default')
    .option('--server <address:port>', 'where a server of ours is, beside the usual places (repeatable)', collect, []);
  return withTextOrJson(asked).option('--fix', 'take blocks of ended processes out of the hosts file', false);
}

export type DoctorFlags = FlagsOf<typeof withDoctorFlags>;
