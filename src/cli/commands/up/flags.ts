import { type Command, Option } from '@commander-js/extra-typings';
import {
  collect,
  collectUnlessNo,
  type FlagsOf,
  notNegative,
  positive,
  withBalance,
  withClusterDomain,
  withDnsForward,
  withInput,
  withNftables,
  withOutput,
  withOverrides,
} from '../../options/index.ts';

export function withUpFlags(command: Command) {
  const serving = withNftables(withOutput(withInput(command), ['table', 'wide', 'json', 'yaml', 'jsonl']))
    .addOption(
      new Option('--plane <name>', 'forward connections in this process, or by kernel rules (Linux, root)')
        .choices(['userspace', 'nftables'])
        .default('userspace'),
    )
    .option('--dry-run', 'nftables: print the transaction without applying it', false)
    .option('--force', "nftables: start even if another proxy's rules are present", false)
    .option('--set-sysctls', 'nftables: enable IP forwarding where it is off', false)
    .addOption(
      new Option(
        '--run [how]',
        'run pods: their images where a container engine answers, else their commands (default: images, if needed)',
      )
        .choices(['auto', 'process', 'engine'])
        .preset('auto'),
    )
    .option('--no-run', 'run no pods')
    .option('--image <workload=image>', 'run another image (repeatable)', collect, [])
    .option('--build <workload=folder>', 'build an image from a folder with a Dockerfile (repeatable)', collect, [])
    .addOption(
      new Option('--pull <when>', 'pull images as the manifests say, only missing ones, or none')
        .choices(['policy', 'missing', 'never'])
        .default('policy'),
    )
    .option('--gateway-image <image>', "the image of the pods' gateway (default: made from this program)")
    .option('--allow-privileged', 'let privileged containers run', false)
    .option('--env <[workload:]name=value>', 'set a variable of pods, over the manifest (repeatable)', collect, [])
    .option('--env-file <[workload:]file>', 'set variables of pods from a file (repeatable)', collect, [])
    .option('--cron', 'run CronJobs by their schedules', false)
    .option('--allow-host-path <path>', 'let hostPath volumes use this path (repeatable)', collect, [])
    .addOption(
      new Option(
        '--network <name>',
        "pods' networks: one for each pod (Linux), the engine's, or this machine's for all (default: auto)",
      )
        .choices(['auto', 'namespaces', 'engine', 'shared'])
        .default('auto'),
    );
  const balanced = withBalance(serving)
    .addOption(
      new Option('--addresses <how>', 'one loopback address per Service (Linux), or one for all').choices([
        'per-service',
        'shared',
      ]),
    )
    .option('--listen <address>', 'address for NodePorts and LoadBalancer ports (default: loopback)');
  const overridden = withOverrides(balanced, 'where a pod listens that Switchboard does not run (repeatable)')
    .addOption(
      new Option('--connect-timeout <seconds>', 'try another endpoint after this time').argParser(positive).default(3),
    )
    .addOption(
      new Option('--drain <seconds>', 'time for open connections to finish after Ctrl-C')
        .argParser(notNegative)
        .default(10),
    )
    .option('--no-logs', 'hide the output of pods')
    .option('--log-file <file>', 'also write the output of pods to this file')
    // Undefined without --dns and --no-dns: `up` then serves DNS on the first port that is free.
    .addOption(
      new Option(
        '--dns <address:port>',
        'serve DNS on this address (repeatable; default: 127.0.0.1:53, else a port from 1053 to 1059)',
      ).argParser(collectUnlessNo),
    )
    .option('--no-dns', 'do not serve DNS')
    .option('--name <name>', "the name of this instance for ps and down (default: its folder's)")
    .option('-d, --detach', 'go on in the background once everything serves', false);
  return withClusterDomain(withDnsForward(overridden), 'DNS domain of the Services').option(
    '-w, --watch',
    'redraw one table instead of printing a line per change',
    false,
  );
}

export type UpFlags = FlagsOf<typeof withUpFlags>;
