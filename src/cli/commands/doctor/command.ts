import { Command } from '@commander-js/extra-typings';
import { withDoctorFlags } from './flags.ts';

export function doctorCommand() {
  return withDoctorFlags(new Command('doctor'))
    .summary('why a name does or does not resolve here')
    .description(
      'Looks a name up by every way that programs of this system have, and by our own server, and says by which one it\nresolves and what stands in the way. Without NAME: the Services of a running "switchboard up".',
    )
    .argument('[name...]', 'web.shop, web.shop.svc.cluster.local, example.org')
    .action(async (names, flags) => {
      const { doctor } = await import('./run.ts');
      process.exitCode = await doctor(names, flags);
    });
}
