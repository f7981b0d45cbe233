import { Command, Option } from 'commander';
import { domainOption } from '../dns-setup/command.ts';
import type { DoctorFlags } from './flags.ts';

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('why a name does or does not resolve here')
    .description(
      'Looks a name up by every way that programs of this system have, and by our own server, and says by which one it\nresolves and what stands in the way. Without NAME: the Services of a running "switchboard up".',
    )
    .argument('[name...]', 'web.shop, web.shop.svc.cluster.local, example.org')
    .addOption(domainOption())
    .option('-n, --namespace <name>', 'the namespace whose Services have short names', 'default')
    .option(
      '--server <address:port>',
      'where a server of ours is, beside the usual places (repeatable)',
      (value: string, all: readonly string[]) => [...all, value],
      [],
    )
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .option('--fix', 'take blocks of ended processes out of the hosts file', false)
    .action(async (names: readonly string[], flags: DoctorFlags) => {
      const { doctor } = await import('./run.ts');
      process.exitCode = await doctor(names, flags);
    });
}
