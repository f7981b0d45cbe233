import { Command, Option } from 'commander';
import { collect, ttlSeconds, withDnsForward } from '../../options.ts';
import { stopSignals } from '../../signals.ts';
import type { NodeFlags } from './flags.ts';

/** kube-proxy's flag -> the field of its configuration. */
const FLAGS: readonly (readonly [flags: string, field: string, what: string])[] = [
  ['--kubeconfig <path>', 'clientConnection.kubeconfig', 'the kubeconfig; in-cluster credentials without one'],
  ['--hostname-override <name>', 'hostnameOverride', 'the name of this node in the cluster'],
  ['--bind-address <ip>', 'bindAddress', 'the primary address of this node'],
  ['--healthz-bind-address <ip:port>', 'healthzBindAddress', '/healthz and /livez; empty: not served'],
  ['--metrics-bind-address <ip:port>', 'metricsBindAddress', '/metrics and /readyz; empty: not served'],
  ['--proxy-mode <mode>', 'mode', 'nftables'],
  ['--cluster-cidr <cidr>', 'clusterCIDR', 'the address ranges of the pods'],
  ['--detect-local-mode <mode>', 'detectLocalMode', 'ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix'],
  ['--pod-bridge-interface <name>', 'detectLocal.bridgeInterface', "the bridge of this node's pods"],
  [
    '--pod-interface-name-prefix <prefix>',
    'detectLocal.interfaceNamePrefix',
    "the prefix of the names of pods' interfaces",
  ],
  ['--nodeport-addresses <cidrs>', 'nodePortAddresses', 'primary, or ranges separated by commas'],
  ['--oom-score-adj <n>', 'oomScoreAdj', 'from -1000 to 1000'],
  ['--conntrack-max-per-core <n>', 'conntrack.maxPerCore', 'maximum number of tracked flows per CPU; 0: unchanged'],
  ['--conntrack-min <n>', 'conntrack.min', 'minimum of the maximum number of tracked flows'],
  ['--conntrack-tcp-timeout-established <duration>', 'conntrack.tcpEstablishedTimeout', 'of idle connections'],
  ['--conntrack-tcp-timeout-close-wait <duration>', 'conntrack.tcpCloseWaitTimeout', 'of half-closed connections'],
  ['--conntrack-udp-timeout <duration>', 'conntrack.udpTimeout', 'of flows without an answer'],
  ['--conntrack-udp-timeout-stream <duration>', 'conntrack.udpStreamTimeout', 'of flows with answers'],
  ['-v, --v <level>', 'logging.verbosity', '4 and more: debug'],
];

const SWITCHES: readonly (readonly [flags: string, field: string, what: string])[] = [
  ['--masquerade-all', 'nftables.masqueradeAll', 'masquerade all connections to cluster IPs'],
  ['--profiling', 'enableProfiling', 'serve profiles at /debug/pprof/ of the metrics address'],
  ['--bind-address-hard-fail', 'bindAddressHardFail', 'exit if health or metrics cannot listen'],
  ['--conntrack-tcp-be-liberal', 'conntrack.tcpBeLiberal', 'do not treat out-of-window packets as invalid'],
];

export function nodeCommand(): Command {
  const command = new Command('node')
    .summary("implement a cluster's Services on this node, in place of kube-proxy (Linux, root)")
    .description(
      "Reads Services and EndpointSlices from the API server and programs nftables rules for them. Accepts kube-proxy's configuration file and flags; docs/kube-proxy-compat.md describes each.",
    )
    .option('--config <file>', 'a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1)')
    .addOption(
      new Option('--log-level <level>', 'the log level; logs are JSON on standard output')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .option('--force', "start beside another proxy's rules", false)
    .option('--init-only', 'set what needs privileges (limits of connection tracking) and exit', false);
  command
    .option(
      '--dns <address:port>',
      'answer DNS for Services on this address, over UDP and TCP (repeatable)',
      collect,
      [],
    )
    .option('--cluster-domain <name>', 'DNS: the cluster domain', 'cluster.local')
    .addOption(new Option('--dns-ttl <seconds>', 'DNS: TTL of answers').argParser(ttlSeconds).default(5))
    .addOption(
      new Option('--dns-pods <mode>', 'DNS: pod names by address; verified reads all pods of the cluster')
        .choices(['disabled', 'insecure', 'verified'])
        .default('disabled'),
    );
  withDnsForward(command);
  for (const [flags, , what] of FLAGS) command.option(flags, what);
  for (const [flags, , what] of SWITCHES) command.option(flags, what);
  return command.action(async (flags: Omit<NodeFlags, 'fields'>) => {
    const stop = stopSignals();
    const { node } = await import('./run.ts');
    process.exitCode = await node({ ...flags, fields: fieldsOf(command) }, stop);
  });
}

function fieldsOf(command: Command): Map<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const [flags, field] of [...FLAGS, ...SWITCHES]) {
    const name = new Option(flags).attributeName();
    const value: unknown = command.getOptionValue(name);
    if (value !== undefined) fields.set(field, value);
  }
  return fields;
}
