import { type Command, Option } from '@commander-js/extra-typings';
import { collect, type FlagsOf, ttlSeconds, withClusterDomain, withDnsForward } from '../../options/index.ts';

/** kube-proxy's flags, each with the field of its configuration that it sets. */
const FLAGS: readonly (readonly [flags: string, field: string, what: string])[] = [
  ['--kubeconfig <path>', 'clientConnection.kubeconfig', 'path of the kubeconfig (default: in-cluster credentials)'],
  ['--hostname-override <name>', 'hostnameOverride', 'name of this node in the cluster'],
  ['--bind-address <ip>', 'bindAddress', 'primary address of this node'],
  ['--healthz-bind-address <ip:port>', 'healthzBindAddress', 'address of /healthz and /livez; empty disables them'],
  ['--metrics-bind-address <ip:port>', 'metricsBindAddress', 'address of /metrics and /readyz; empty disables them'],
  ['--proxy-mode <mode>', 'mode', 'nftables'],
  ['--cluster-cidr <cidr>', 'clusterCIDR', 'address ranges of the pods'],
  ['--detect-local-mode <mode>', 'detectLocalMode', 'ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix'],
  ['--pod-bridge-interface <name>', 'detectLocal.bridgeInterface', "bridge of this node's pods"],
  ['--pod-interface-name-prefix <prefix>', 'detectLocal.interfaceNamePrefix', "name prefix of the pods' interfaces"],
  ['--nodeport-addresses <cidrs>', 'nodePortAddresses', 'primary, or ranges separated by commas'],
  ['--oom-score-adj <n>', 'oomScoreAdj', 'from -1000 to 1000'],
  ['--conntrack-max-per-core <n>', 'conntrack.maxPerCore', 'maximum number of tracked flows per CPU; 0: unchanged'],
  ['--conntrack-min <n>', 'conntrack.min', 'minimum of the maximum number of tracked flows'],
  [
    '--conntrack-tcp-timeout-established <duration>',
    'conntrack.tcpEstablishedTimeout',
    'timeout of established TCP connections',
  ],
  [
    '--conntrack-tcp-timeout-close-wait <duration>',
    'conntrack.tcpCloseWaitTimeout',
    'timeout of half-closed TCP connections',
  ],
  ['--conntrack-udp-timeout <duration>', 'conntrack.udpTimeout', 'timeout of UDP flows without an answer'],
  ['--conntrack-udp-timeout-stream <duration>', 'conntrack.udpStreamTimeout', 'timeout of UDP flows with answers'],
  ['-v, --v <level>', 'logging.verbosity', 'log level: 4 and above is debug'],
];

const SWITCHES: readonly (readonly [flags: string, field: string, what: string])[] = [
  ['--masquerade-all', 'nftables.masqueradeAll', 'masquerade all connections to cluster IPs'],
  ['--profiling', 'enableProfiling', 'serve profiles at /debug/pprof/ of the metrics address'],
  ['--bind-address-hard-fail', 'bindAddressHardFail', 'exit if health or metrics cannot listen'],
  ['--conntrack-tcp-be-liberal', 'conntrack.tcpBeLiberal', 'do not treat out-of-window packets as invalid'],
];

export function withNodeFlags(command: Command) {
  const agent = command
    .option('--config <file>', 'a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1)')
    .addOption(
      new Option('--log-level <level>', 'log level; logs are JSON on standard output')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .option('--force', "start even if another proxy's rules are present", false)
    .option('--init-only', 'set what needs privileges (conntrack limits) and exit', false)
    .option('--dns <address:port>', 'serve DNS for Services on this address, UDP and TCP (repeatable)', collect, []);
  const named = withClusterDomain(agent, 'DNS: domain of the Services')
    .addOption(new Option('--dns-ttl <seconds>', 'DNS: TTL of answers').argParser(ttlSeconds).default(5))
    .addOption(
      new Option('--dns-pods <mode>', 'DNS: names of pods by IP; verified watches all pods of the cluster')
        .choices(['disabled', 'insecure', 'verified'])
        .default('disabled'),
    );
  const complete = withDnsForward(named);
  for (const [flags, , what] of [...FLAGS, ...SWITCHES]) complete.option(flags, what);
  return complete;
}

export interface NodeFlags extends FlagsOf<typeof withNodeFlags> {
  /** The fields of kube-proxy's configuration that flags set, by their dotted names. */
  readonly fields: ReadonlyMap<string, unknown>;
}

/** The fields of kube-proxy's configuration that flags set, by their dotted names. */
export function fieldsOf(flags: object): Map<string, unknown> {
  const values = new Map<string, unknown>(Object.entries(flags));
  const fields = new Map<string, unknown>();
  for (const [usage, field] of [...FLAGS, ...SWITCHES]) {
    const value = values.get(new Option(usage).attributeName());
    if (value !== undefined) fields.set(field, value);
  }
  return fields;
}
