import { type Command, Option } from '@commander-js/extra-typings';
import { collect, type FlagsOf, ttlSeconds, withClusterDomain, withDnsForward } from '../../options/index.ts';

/** kube-proxy's flag -> the field of its configuration that it stands for. */
const FLAGS: readonly (readonly [flags: string, field: string, what: string])[] = [
  ['--kubeconfig <path>', 'clientConnection.kubeconfig', 'the kubeconfig; in-cluster credentials without one'],
  ['--hostname-override <name>', 'hostnameOverride', 'the name of this node in the cluster'],
  ['--bind-address <ip>', 'bindAddress', 'the primary address of this node'],
  ['--healthz-bind-address <ip:port>', 'healthzBindAddress', '/healthz and /livez; empty: not served'],
  ['--metrics-bind-address <ip:port>', 'metricsBindAddress', '/metrics and /readyz; empty: not served'],
  ['--proxy-mode <mode>', 'mode', 'nftables'],
  ['--cluster-cidr <cidr>', 'clusterCIDR', 'where the pods of the cluster are'],
  ['--detect-local-mode <mode>', 'detectLocalMode', 'ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix'],
  ['--pod-bridge-interface <name>', 'detectLocal.bridgeInterface', "the bridge of this node's pods"],
  ['--pod-interface-name-prefix <prefix>', 'detectLocal.interfaceNamePrefix', 'how the interfaces of pods are called'],
  ['--nodeport-addresses <cidrs>', 'nodePortAddresses', 'primary, or ranges with commas between'],
  ['--oom-score-adj <n>', 'oomScoreAdj', 'from -1000 to 1000'],
  ['--conntrack-max-per-core <n>', 'conntrack.maxPerCore', 'flows that are tracked, a core; 0 leaves it as it is'],
  ['--conntrack-min <n>', 'conntrack.min', 'flows that are tracked, at least'],
  ['--conntrack-tcp-timeout-established <duration>', 'conntrack.tcpEstablishedTimeout', 'of idle connections'],
  ['--conntrack-tcp-timeout-close-wait <duration>', 'conntrack.tcpCloseWaitTimeout', 'of half-closed connections'],
  ['--conntrack-udp-timeout <duration>', 'conntrack.udpTimeout', 'of flows without an answer'],
  ['--conntrack-udp-timeout-stream <duration>', 'conntrack.udpStreamTimeout', 'of flows with answers'],
  ['-v, --v <level>', 'logging.verbosity', '4 and more: debug'],
];

const SWITCHES: readonly (readonly [flags: string, field: string, what: string])[] = [
  ['--masquerade-all', 'nftables.masqueradeAll', "all that is dialled on a cluster IP gets this node's address"],
  ['--profiling', 'enableProfiling', 'profiles at /debug/pprof/ of the metrics address'],
  ['--bind-address-hard-fail', 'bindAddressHardFail', 'end if health or metrics cannot be listened on'],
  ['--conntrack-tcp-be-liberal', 'conntrack.tcpBeLiberal', 'packets out of window are not invalid'],
];

export function withNodeFlags(command: Command) {
  const agent = command
    .option('--config <file>', 'a KubeProxyConfiguration (kubeproxy.config.k8s.io/v1alpha1)')
    .addOption(
      new Option('--log-level <level>', 'what is logged, as JSON on standard output')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    )
    .option('--force', "start beside another proxy's rules", false)
    .option('--init-only', 'set what needs privileges (limits of connection tracking) and exit', false)
    .option('--dns <address:port>', 'answer the names of Services there, over UDP and TCP (repeatable)', collect, []);
  const named = withClusterDomain(agent, 'DNS: the domain of their names')
    .addOption(new Option('--dns-ttl <seconds>', 'DNS: how long answers may be kept').argParser(ttlSeconds).default(5))
    .addOption(
      new Option('--dns-pods <mode>', 'DNS: names of pods by their address; verified reads all pods of the cluster')
        .choices(['disabled', 'insecure', 'verified'])
        .default('disabled'),
    );
  const complete = withDnsForward(named);
  for (const [flags, , what] of [...FLAGS, ...SWITCHES]) complete.option(flags, what);
  return complete;
}

export interface NodeFlags extends FlagsOf<typeof withNodeFlags> {
  /** Dotted field of kube-proxy's configuration -> value, of the flags that were given. */
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
