import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';
import { collect } from './values.ts';

/** How the userspace plane chooses among ready endpoints. */
export function withBalance<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command.addOption(
    new Option('--balance <how>', 'how to choose among ready endpoints')
      .choices(['least-connections', 'round-robin', 'random'])
      .default('least-connections'),
  );
}

/** Pods and endpoints that Switchboard does not run. */
export function withOverrides<Args extends unknown[], Flags extends OptionValues>(
  command: Command<Args, Flags>,
  pod: string,
) {
  return command
    .option('--pod <pod=address:port>', pod, collect, [])
    .option('--endpoint <svc:port=address:port>', 'use this one endpoint for a Service port (repeatable)', collect, []);
}
