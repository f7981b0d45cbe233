/**
 * Every field of kube-proxy's configuration (kubeproxy.config.k8s.io/v1alpha1, Kubernetes 1.34) and its treatment here.
 * `docs/kube-proxy-compat.md` contains this table; a test checks that the two agree.
 *
 * @module
 */

/** `honoured`; `refused`: the agent does not start with it; `noted`: no effect here, with a warning. */
export type Treatment = 'honoured' | 'refused' | 'noted';

export interface ConfigField {
  /** Dotted. */
  readonly path: string;
  readonly treatment: Treatment;
  readonly what: string;
}

const field = (path: string, treatment: Treatment, what: string): ConfigField => ({ path, treatment, what });

export const CONFIG_FIELDS: readonly ConfigField[] = [
  field('featureGates', 'noted', "kube-proxy's feature gates have no effect; a warning lists them"),
  field('clientConnection.kubeconfig', 'honoured', 'the kubeconfig; in-cluster credentials without one'),
  field('clientConnection.acceptContentTypes', 'noted', 'requests JSON'),
  field('clientConnection.contentType', 'noted', 'requests JSON; kube-proxy requests protobuf'),
  field('clientConnection.qps', 'noted', 'three watches stay open; there are no repeated requests'),
  field('clientConnection.burst', 'noted', 'as qps'),
  field('logging.format', 'noted', 'logs are JSON'),
  field('logging.verbosity', 'honoured', '4 and more: debug'),
  field('logging.flushFrequency', 'noted', 'each line is written immediately'),
  field('logging.vmodule', 'noted', 'one level for everything'),
  field('logging.options', 'noted', 'as logging.format'),
  field('hostnameOverride', 'honoured', 'the name of this node; else the host name in lower case'),
  field('bindAddress', 'honoured', 'unspecified: all families; else the primary address of the node'),
  field('healthzBindAddress', 'honoured', '/healthz, /livez; empty: not served'),
  field('metricsBindAddress', 'honoured', '/metrics, /readyz; empty: not served'),
  field('bindAddressHardFail', 'honoured', 'true: the agent exits if it cannot listen on one of these'),
  field('enableProfiling', 'honoured', 'V8 profiles at /debug/pprof/ of the metrics address'),
  field('showHiddenMetricsForVersion', 'noted', 'no metric is hidden'),
  field(
    'mode',
    'honoured',
    'nftables, or empty; iptables and ipvs become nftables with a warning; kernelspace is refused',
  ),
  field('iptables.masqueradeBit', 'honoured', 'in mode iptables, as nftables.masqueradeBit'),
  field('iptables.masqueradeAll', 'honoured', 'in mode iptables, as nftables.masqueradeAll'),
  field('iptables.localhostNodePorts', 'noted', 'node ports never answer on loopback, as in mode nftables upstream'),
  field(
    'iptables.syncPeriod',
    'noted',
    'the rules are compared when the kernel reports that another program changed them',
  ),
  field('iptables.minSyncPeriod', 'honoured', 'in mode iptables, as nftables.minSyncPeriod'),
  field('ipvs.syncPeriod', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.minSyncPeriod', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.scheduler', 'noted', 'endpoints are chosen at random'),
  field('ipvs.excludeCIDRs', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.strictARP', 'noted', 'no address is assigned to an interface'),
  field('ipvs.tcpTimeout', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.tcpFinTimeout', 'noted', 'mode ipvs becomes nftables'),
  field('ipvs.udpTimeout', 'noted', 'mode ipvs becomes nftables'),
  field('nftables.masqueradeBit', 'honoured', 'bit of the packet mark, 0 to 31 (14)'),
  field('nftables.masqueradeAll', 'honoured', 'all connections to cluster IPs are masqueraded'),
  field(
    'nftables.syncPeriod',
    'noted',
    'the rules are compared when the kernel reports that another program changed them',
  ),
  field(
    'nftables.minSyncPeriod',
    'honoured',
    'minimum time between two transactions; default 0, since the cost is proportional to the change',
  ),
  field('winkernel.networkName', 'noted', 'Windows is not supported'),
  field('winkernel.sourceVip', 'noted', 'Windows is not supported'),
  field('winkernel.enableDSR', 'noted', 'Windows is not supported'),
  field('winkernel.rootHnsEndpointName', 'noted', 'Windows is not supported'),
  field('winkernel.forwardHealthCheckVip', 'noted', 'Windows is not supported'),
  field('detectLocalMode', 'honoured', 'ClusterCIDR, NodeCIDR, BridgeInterface, InterfaceNamePrefix'),
  field('detectLocal.bridgeInterface', 'honoured', 'needed by BridgeInterface'),
  field('detectLocal.interfaceNamePrefix', 'honoured', 'needed by InterfaceNamePrefix'),
  field('clusterCIDR', 'honoured', 'one range, or one of each family, separated by a comma'),
  field('nodePortAddresses', 'honoured', 'primary, or ranges'),
  field('oomScoreAdj', 'honoured', 'if permissions allow it (-999)'),
  field(
    'conntrack.maxPerCore',
    'honoured',
    'raises nf_conntrack_max (32768 for each CPU that is online on the host, 1048576 at most)',
  ),
  field('conntrack.min', 'honoured', 'the minimum (131072)'),
  field('conntrack.tcpEstablishedTimeout', 'honoured', 'sysctl (24h)'),
  field('conntrack.tcpCloseWaitTimeout', 'honoured', 'sysctl (1h)'),
  field('conntrack.tcpBeLiberal', 'honoured', 'sysctl'),
  field('conntrack.udpTimeout', 'honoured', 'sysctl, if set'),
  field('conntrack.udpStreamTimeout', 'honoured', 'sysctl, if set'),
  field('configSyncPeriod', 'noted', 'watches are used; a broken watch is followed by a list'),
  field('portRange', 'noted', 'belonged to the userspace mode, which kube-proxy no longer has'),
  field('windowsRunAsService', 'refused', 'Windows is not supported'),
];
