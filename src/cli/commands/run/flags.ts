import { type Command, Option } from '@commander-js/extra-typings';
import {
  collect,
  type FlagsOf,
  notNegative,
  withBalance,
  withClusterDomain,
  withInput,
  withOverrides,
} from '../../options/index.ts';

export function withRunFlags(command: Command) {
  const waiting = withInput(command)
    .addOption(
      new Option('--mode <how>', 'give the command its own network (Linux), or proxy variables and NAME.localhost')
        .choices(['auto', 'network', 'proxy'])
        .default('auto'),
    )
    .option('--outside', 'network: set proxy variables that reach the outside network', false)
    .option(
      '--need <service>',
      'wait for this Service only: web, web.shop:http, svc/shop/web:80 (repeatable)',
      collect,
      [],
    )
    .addOption(
      new Option('--wait <seconds>', 'time to wait until Services are ready; 0: do not wait')
        .argParser(notNegative)
        .default(60),
    )
    .addOption(
      new Option('--grace <seconds>', 'time for pods to exit after the command').argParser(notNegative).default(5),
    );
  const overridden = withOverrides(waiting, "where a pod listens, in the command's network (repeatable)");
  return withClusterDomain(withBalance(overridden), 'DNS domain of the Services')
    .option('--logs', 'print the output of pods to standard error', false)
    .option('--log-file <file>', 'write the output of pods to this file')
    .option('-q, --quiet', 'print warnings and errors only', false);
}

export type RunFlags = FlagsOf<typeof withRunFlags>;
