/** Frontends: which addresses and ports are captured (rules 3.x, 4.8). */
import {
  addressOf,
  balanced,
  type Draft,
  dial,
  HTTP,
  kept,
  masked,
  PRIMARY,
  SECONDARY,
  SIX,
  scenario,
  service,
  slice,
  UDP,
} from './words.ts';

const DNS = [
  { name: 'dns', protocol: 'UDP', port: 53 },
  { name: 'dns-tcp', protocol: 'TCP', port: 53 },
];
const DNS_SLICE = [
  { name: 'dns', protocol: 'UDP', port: 5353 },
  { name: 'dns-tcp', protocol: 'TCP', port: 8080 },
];
const DUAL = { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'RequireDualStack' };

export const FRONTENDS: readonly Draft[] = [
  scenario('3.6-cluster-ip', 'a pod and a node reach endpoints on a cluster IP', at => ({
    set: [service(at.clusterIP), slice(['a1', 'b1'])],
    dials: [dial('a2', at.clusterIP, 80, kept('a1', 'b1')), dial('node1', at.clusterIP, 80, masked('a1', 'b1'))],
  })),
  scenario('3.6-cluster-ip-udp', 'a cluster IP serves UDP and TCP on one port number', at => ({
    set: [service(at.clusterIP, { ports: DNS }), slice(['a1', 'b1'], { ports: DNS_SLICE })],
    dials: [
      dial('a2', at.clusterIP, 53, kept('a1:5353', 'b1:5353'), UDP),
      dial('a2', at.clusterIP, 53, kept('a1', 'b1')),
      dial('client', at.clusterIP, 53, masked('a1:5353', 'b1:5353'), UDP),
    ],
  })),
  scenario('3.6-several-ports', 'each port of a Service has its own target port', at => ({
    set: [
      service(at.clusterIP, {
        ports: [
          { name: 'http', port: 80, targetPort: 8080 },
          { name: 'admin', port: 81, targetPort: 9090 },
          { name: 'tls', port: 443, targetPort: 'tls' },
        ],
      }),
      slice(['a1', 'b1'], {
        ports: [
          { name: 'http', port: 8080 },
          { name: 'admin', port: 9090 },
          { name: 'tls', port: 8443 },
        ],
      }),
    ],
    dials: [
      dial('a2', at.clusterIP, 80, kept('a1', 'b1')),
      dial('a2', at.clusterIP, 81, kept('a1:9090', 'b1:9090')),
      dial('a2', at.clusterIP, 443, kept('a1:8443', 'b1:8443')),
    ],
  })),
  scenario('3.8-port-of-the-slice', 'the port number comes from the slice and not from targetPort', at => ({
    set: [service(at.clusterIP, { ports: [{ port: 80, targetPort: 1234 }] }), slice(['a1'])],
    dials: [dial('a2', at.clusterIP, 80, kept('a1'))],
  })),
  scenario('2.6-two-numbers-of-a-name', 'a named target port can have another number in each slice', at => ({
    set: [
      service(at.clusterIP, { ports: [{ name: 'http', port: 80, targetPort: 'http' }] }),
      slice(['a1'], { ports: [{ name: 'http', port: 8080 }] }),
      slice(['b1'], { ports: [{ name: 'http', port: 9090 }], suffix: '2' }),
    ],
    dials: [dial('a2', at.clusterIP, 80, kept('a1:8080', 'b1:9090'))],
  })),
  scenario('2.17-port-names-differ', 'a slice whose port has another name does not count', at => ({
    set: [
      service(at.clusterIP, { ports: [{ name: 'web', port: 80 }] }),
      slice(['a1'], { ports: [{ name: 'http', port: 8080 }] }),
    ],
    dials: [dial('a2', at.clusterIP, 80, 'reject')],
  })),
  scenario('2.17-protocols-differ', 'a slice whose port has another protocol does not count', at => ({
    set: [service(at.clusterIP), slice(['a1'], { ports: [{ name: '', port: 8080, protocol: 'UDP' }] })],
    dials: [dial('a2', at.clusterIP, 80, 'reject')],
  })),
  scenario('3.6-ipv6', 'an IPv6 Service', at => ({
    set: [service(at.clusterIP6, SIX), slice(['a1', 'b1'], { family: 'IPv6' })],
    dials: [
      dial('a2', at.clusterIP6, 80, kept('a1', 'b1')),
      dial('client', at.clusterIP6, 80, masked('a1', 'b1')),
      dial('a1', at.clusterIP6, 80, { endpoints: ['a1:8080', 'b1:8080'], source: 'hairpin' }),
    ],
  })),
  scenario('3.6-ipv6-udp', 'an IPv6 Service serves UDP', at => ({
    set: [service(at.clusterIP6, { ...SIX, ports: DNS }), slice(['a1', 'b1'], { family: 'IPv6', ports: DNS_SLICE })],
    dials: [dial('a2', at.clusterIP6, 53, kept('a1:5353', 'b1:5353'), UDP)],
  })),
  scenario('3.1-dual-stack', 'a dual-stack Service reaches its pods over each family', at => ({
    set: [
      service(at.clusterIP, { ...DUAL, clusterIPs: [at.clusterIP, at.clusterIP6] }),
      slice(['a1', 'b1']),
      slice(['a2'], { family: 'IPv6', suffix: '6' }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1')), dial('a3', at.clusterIP6, 80, kept('a2'))],
  })),
  scenario('3.1-one-family-empty', 'a family without endpoints refuses, and the other one serves', at => ({
    set: [service(at.clusterIP, { ...DUAL, clusterIPs: [at.clusterIP, at.clusterIP6] }), slice(['a1'])],
    dials: [dial('a3', at.clusterIP, 80, kept('a1')), dial('a3', at.clusterIP6, 80, 'reject')],
  })),
  scenario('3.6-load-balancer', 'a load balancer’s IP serves the Service port', at => ({
    set: [balanced(at), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.lb, 80, masked('a1', 'b1')),
      dial('a2', at.lb, 80, masked('a1', 'b1')),
      dial('node1', at.lb, 80, masked('a1', 'b1')),
      dial('client', at.lb, 81, 'none'),
    ],
  })),
  scenario('3.6-load-balancer-two-ips', 'each IP of a load balancer is served', at => ({
    set: [balanced(at, {}, { ingress: [at.lb, at.lbB] }), slice(['a1'])],
    dials: [dial('client', at.lb, 80, masked('a1')), dial('client', at.lbB, 80, masked('a1'))],
  })),
  scenario('3.6-ip-mode-vip', 'ipMode VIP is taken', at => ({
    set: [balanced(at, {}, { ingress: [{ ip: at.lb, ipMode: 'VIP' }] }), slice(['a1'])],
    dials: [dial('a2', at.lb, 80, masked('a1'))],
  })),
  scenario('3.6-ip-mode-proxy', 'ipMode Proxy is left to the load balancer', at => ({
    set: [balanced(at, {}, { ingress: [{ ip: at.lb, ipMode: 'Proxy' }, { ip: at.lbB }] }), slice(['a1'])],
    dials: [
      dial('a2', at.lb, 80, 'none'),
      dial('client', at.lb, 80, 'none'),
      dial('client', at.lbB, 80, masked('a1')),
      dial('client', PRIMARY, at.nodePort, masked('a1')),
    ],
  })),
  scenario('3.6-hostname-ingress', 'a load balancer with a host name has no address', at => ({
    set: [balanced(at, {}, { ingress: [{ hostname: 'lb.example.com' }] }), slice(['a1'])],
    dials: [dial('client', at.lb, 80, 'none'), dial('client', at.external, 80, masked('a1'))],
  })),
  scenario('3.6-load-balancer-ipv6', 'an IPv6 load balancer', at => ({
    set: [
      service(
        at.clusterIP6,
        { ...SIX, type: 'LoadBalancer', ports: [{ port: 80, nodePort: at.nodePort }] },
        { ingress: [at.lb6] },
      ),
      slice(['a1', 'b1'], { family: 'IPv6' }),
    ],
    dials: [dial('client', at.lb6, 80, masked('a1', 'b1'))],
  })),
  scenario('3.6-load-balancer-no-node-ports', 'a load balancer works without node ports', at => ({
    set: [balanced(at, { allocateLoadBalancerNodePorts: false, ports: HTTP }), slice(['a1'])],
    dials: [dial('client', at.lb, 80, masked('a1')), dial('client', PRIMARY, at.nodePort, 'none')],
  })),
  scenario('3.6-external-ip', 'a ClusterIP Service serves its external IP', at => ({
    set: [service(at.clusterIP, { externalIPs: [at.external] }), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.external, 80, masked('a1', 'b1')),
      dial('a2', at.external, 80, masked('a1', 'b1')),
      dial('client', at.external, 81, 'none'),
    ],
  })),
  scenario('3.6-external-ip-ipv6', 'a Service serves its external IPv6 address', at => ({
    set: [service(at.clusterIP6, { ...SIX, externalIPs: [at.external6] }), slice(['a1'], { family: 'IPv6' })],
    dials: [dial('client', at.external6, 80, masked('a1'))],
  })),
  scenario('3.6-external-ip-of-the-node', 'an external IP may be an address of the node', at => ({
    set: [service(at.clusterIP, { externalIPs: [SECONDARY], ports: [{ port: 2080 }] }), slice(['a1'])],
    dials: [
      dial('client', SECONDARY, 2080, masked('a1')),
      dial('client', PRIMARY, 2080, 'none'),
      dial('client', SECONDARY, 2081, 'none'),
    ],
  })),
  scenario('4.8-unknown-port', 'a port that a cluster IP does not have is refused', at => ({
    set: [service(at.clusterIP), slice(['a1'])],
    dials: [
      dial('a2', at.clusterIP, 81, 'reject'),
      dial('client', at.clusterIP, 81, 'reject'),
      dial('node1', at.clusterIP, 81, 'reject'),
      dial('a2', at.clusterIP, 80, 'reject', UDP),
    ],
  })),
  scenario('4.8-unknown-port-ipv6', 'a port that an IPv6 cluster IP does not have is refused', at => ({
    set: [service(at.clusterIP6, SIX), slice(['a1'], { family: 'IPv6' })],
    dials: [dial('a2', at.clusterIP6, 81, 'reject')],
  })),
  scenario('4.8-unclaimed-address', 'a free address of the service range drops packets', at => ({
    set: [service(at.clusterIP), slice(['a1'])],
    dials: [
      dial('a2', at.unclaimed, 80, 'drop'),
      dial('client', at.unclaimed, 80, 'drop'),
      dial('node1', at.unclaimed, 80, 'drop'),
      dial('a2', at.unclaimed6, 80, 'drop'),
    ],
  })),
  scenario('4.8-unknown-address', 'an address outside the service range is left alone', at => ({
    set: [service(at.clusterIP), slice(['a1'])],
    dials: [dial('client', at.lb, 80, 'none'), dial('a2', at.external, 80, 'none')],
  })),
  scenario('3.1-headless', 'a headless Service is left alone', at => ({
    set: [service('None'), slice(['a1'], { labels: { 'service.kubernetes.io/headless': '' } })],
    dials: [dial('a2', at.unclaimed, 80, 'drop'), dial('a2', addressOf('a1'), 8080, 'none')],
  })),
  scenario('3.1-external-name', 'an ExternalName Service is left alone', at => ({
    set: [service('', { type: 'ExternalName', externalName: 'db.example.com' })],
    dials: [dial('a2', at.clusterIP, 80, 'drop')],
  })),
  scenario('3.1-other-proxy', 'a Service of another proxy is left alone', at => ({
    set: [balanced(at, {}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } }), slice(['a1'])],
    dials: [
      dial('client', at.lb, 80, 'none'),
      dial('client', PRIMARY, at.nodePort, 'none'),
      dial('a2', at.clusterIP, 80, 'drop'),
    ],
  })),
];
