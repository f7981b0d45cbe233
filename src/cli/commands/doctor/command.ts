import { Command } from '@commander-js/extra-typings';
import { withDoctorFlags } from './flags.ts';

export function doctorCommand() {
  return withDoctorFlags(new Command('doctor'))
    .summary('find out why a name does or does not resolve on this machine')
    .description(
      'Looks up a name in every way that programs of this system do, and with Switchboard\'s DNS server. Shows which of them resolve it, and what prevents the others. Without NAME: the Services of a running "switchboard up".',
    )
    .argument('[name...]', 'web.shop, web.shop.svc.cluster.local, example.org')
    .action(async (names, flags) => {
      const { doctor } = await import('./run.ts');
      process.exitCode = await doctor(names, flags);
    });
}
