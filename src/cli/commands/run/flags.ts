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
      new Option('--mode <how>', 'a network of its own (Linux), proxy variables and NAME.localhost, or what works')
        .choices(['auto', 'network', 'proxy'])
        .default('auto'),
    )
    .option('--outside', 'network: proxy variables that lead to the network outside', false)
    .option('--need <service>', 'wait for this one only: web, web.shop:http, svc/shop/web:80 (repeatable)', collect, [])
    .addOption(
      new Option('--wait <seconds>', 'how long Services may take to be ready; 0: do not wait')
        .argParser(notNegative)
        .default(60),
    )
    .addOption(
      new Option('--grace <seconds>', 'how long pods may take to end when the command has')
        .argParser(notNegative)
        .default(5),
    );
  const overridden = withOverrides(waiting, "where a pod listens, in the command's network (repeatable)");
  return withClusterDomain(withBalance(overridden), 'the domain of the names')
    .option('--logs', "show the pods' output on standard error", false)
    .option('--log-file <file>', "write the pods' output there")
    .option('-q, --quiet', 'say nothing but what goes wrong', false);
}

export type RunFlags = FlagsOf<typeof withRunFlags>;
