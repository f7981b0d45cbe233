/**
 * Every field of kube-proxy's own configuration (kubeproxy.config.k8s.io/v1alpha1, Kubernetes 1.34) and what becomes
 * of it here. `docs/kube-proxy-compat.md` is this table; a test holds that the two agree.
 *
 * @module
 */

/** `honoured`; `refused`: the agent does not start with it; `noted`: without meaning here, and it is said once. */
export type Treatment = 'honoured' | 'refused' | 'noted';

export interface ConfigField {
  /** Dotted. */
  readonly path: string;
  readonly treatment: Treatment;
  readonly what: string;
}

const field = (path: string, treatment: Treatment, what: string): ConfigField => ({ path, treatment, what });

export const CONFIG_FIELDS: readonly ConfigField[] = [
  field('featureGates', 'noted', 'gates of kube-proxy switch nothing here; each is named in a warning'),
  field('clientConnection.kubeconfig', 'honoured', 'the kubeconfig; in-cluster credentials without one'),
  field('clientConnection.acceptContentTypes', 'noted', 'JSON is asked for'),
  field('clientConnection.contentType', 'noted', 'JSON is asked for; kube-proxy asks for protobuf'),
  field('clientConnection.qps', 'noted', 'three watches stay open, and nothing is asked again and again'),
  field('clientConnection.burst', 'noted', 'as qps'),
  field('logging.format', 'noted', 'logs are JSON'),
  field('logging.verbosity', 'honoured', '4 and more: debug'),
  field('logging.flushFrequency', 'noted', 'each line is written at once'),
  field('logging.vmodule', 'noted', 'one level for all'),
  field('logging.options', 'noted', 'as logging.format'),
  field('hostnameOverride', 'honoured', 'the name of this node; else the host name in lower case'),
  field('bindAddress', 'honoured', 'unspecified: all families; else the primary address of the node'),
  field('healthzBindAddress', 'honoured', '/healthz, /livez; empty: not served'),
  field('metricsBindAddress', 'honoured', '/metrics, /readyz; empty: not served'),
  field('bindAddressHardFail', 'honoured', 'true: the agent ends if one of these cannot be listened on'),
  field('enableProfiling', 'honoured', 'profiles of V8 at /debug/pprof/ of the metrics'),
  field('showHiddenMetricsForVersion', 'noted', 'no metric is hidden'),
  field(
    'mode',
    'honoured',
    'nftables, or empty; iptables and ipvs become nftables with a warning; kernelspace is refused',
  ),
  field('iptables.masqueradeBit', 'honoured', 'in mode iptables, as nftables.masqueradeBit'),
  field('iptables.masqueradeAll', 'honoured', 'in mode iptables, as nftables.masqueradeAll'),
  field('iptables.localhostNodePorts', 'noted', 'node ports never answer on loopback, as in mode nftables upstream'),
  field('iptables.syncPeriod', 'noted', 'the rules are compared when the kernel says that somebody changed them'),
  field('iptables.minSyncPeriod', 'honoured', 'in mode iptables, as nftables.minSyncPeriod'),
  field('ipvs.syncPeriod', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.minSyncPeriod', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.scheduler', 'noted', 'endpoints are chosen at random'),
  field('ipvs.excludeCIDRs', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.strictARP', 'noted', 'no address is put on an interface'),
  field('ipvs.tcpTimeout', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.tcpFinTimeout', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.udpTimeout', 'noted', 'mode ipvs becomes nftables'),
  field('nftables.masqueradeBit', 'honoured', 'bit of the packet mark, 0 to 31 (14)'),
  field('nftables.masqueradeAll', 'honoured', 'all that is dialled on a cluster IP is masqueraded'),
  field('nftables.syncPeriod', 'noted', 'the rules are compared when the kernel says that somebody changed them'),
  field(
    'nftables.minSyncPeriod',
    'honoured',
    'least time between two transactions; 0 unless set, since a change costs what changed',
  ),
  field('winkernel.networkName', 'noted', 'Windows is not supported'),
  field('winkernel.sourceVip', 'noted', 'Windows is not supported'),
  field('winkernel.enableDSR', 'noted', 'Windows is not supported'),
  field('winkernel.rootHnsEndpointName', 'noted', 'Windows is not supported'),
  field('winkernel.forwardHealthCheckVip', 'noted', 'Windows is not supported'),
  field('detectLocalMode', 'honoured', 'ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix'),
  field('detectLocal.bridgeInterface', 'honoured', 'needed by BridgeInterface'),
  field('detectLocal.interfaceNamePrefix', 'honoured', 'needed by InterfaceNamePrefix'),
  field('clusterCIDR', 'honoured', 'one range, or one of each family with a comma between'),
  field('nodePortAddresses', 'honoured', 'primary, or ranges'),
  field('oomScoreAdj', 'honoured', 'where the rights allow it (-999)'),
  field(
    'conntrack.maxPerCore',
    'honoured',
    'raises nf_conntrack_max (32768 for each CPU that is online on the host, 1048576 at most)',
  ),
  field('conntrack.min', 'honoured', 'lower bound of that (131072)'),
  field('conntrack.tcpEstablishedTimeout', 'honoured', 'sysctl (24h)'),
  field('conntrack.tcpCloseWaitTimeout', 'honoured', 'sysctl (1h)'),
  field('conntrack.tcpBeLiberal', 'honoured', 'sysctl'),
  field('conntrack.udpTimeout', 'honoured', 'sysctl, if set'),
  field('conntrack.udpStreamTimeout', 'honoured', 'sysctl, if set'),
  field('configSyncPeriod', 'noted', 'watches are followed; a list is asked for when one breaks'),
  field('portRange', 'noted', 'was for the userspace mode that kube-proxy no longer has'),
  field('windowsRunAsService', 'refused', 'Windows is not supported'),
];
