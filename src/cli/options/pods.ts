import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { collect } from './values.ts';

/** Which ready endpoint gets a connection of the userspace plane. */
export function withBalance<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command.addOption(
    new Option('--balance <how>', 'which ready endpoint gets a connection')
      .choices(['least-connections', 'round-robin', 'random'])
      .default('least-connections'),
  );
}

/** Pods and endpoints that something else than Switchboard runs. */
export function withOverrides<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  pod: string,
) {
  return command
    .option('--pod <pod=address:port>', pod, collect, [])
    .option('--endpoint <svc:port=address:port>', 'the one endpoint of a Service port (repeatable)', collect, []);
}
