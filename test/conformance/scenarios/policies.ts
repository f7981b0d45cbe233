/** Traffic policies, and when a dial is refused or silent (rules 4.2 to 4.7). */
import {
  balanced,
  type Draft,
  dial,
  hairpin,
  INTERNAL,
  kept,
  LOCAL,
  masked,
  NOT_READY,
  nodePort,
  on,
  PRIMARY,
  SIX,
  scenario,
  service,
  slice,
  TERMINATING,
  UDP,
} from './words.ts';

export const POLICIES: readonly Draft[] = [
  scenario('4.4-internal-local', 'internalTrafficPolicy Local stays on the node', at => ({
    set: [service(at.clusterIP, INTERNAL), slice(['a1', 'a2', 'b1'])],
    dials: [
      dial('a3', at.clusterIP, 80, kept('a1', 'a2')),
      dial('node1', at.clusterIP, 80, masked('a1', 'a2')),
      dial('client', at.clusterIP, 80, masked('a1', 'a2')),
    ],
  })),
  scenario('4.7-internal-local-none', 'internalTrafficPolicy Local without a local endpoint drops', at => ({
    set: [nodePort(at, INTERNAL), slice(['b1'])],
    dials: [
      dial('a3', at.clusterIP, 80, 'drop'),
      dial('node1', at.clusterIP, 80, 'drop'),
      // Node ports carry external traffic, to which the other policy applies.
      dial('client', PRIMARY, at.nodePort, masked('b1')),
    ],
  })),
  scenario('4.7-internal-local-udp', 'internalTrafficPolicy Local without a local endpoint drops UDP', at => ({
    set: [
      service(at.clusterIP, { ...INTERNAL, ports: [{ port: 53, protocol: 'UDP' }] }),
      slice(['b1'], { ports: [{ name: '', port: 5353, protocol: 'UDP' }] }),
    ],
    dials: [dial('a3', at.clusterIP, 53, 'drop', UDP)],
  })),
  scenario('4.7-internal-local-unready', 'internalTrafficPolicy Local drops if no local endpoint is ready', at => ({
    set: [service(at.clusterIP, INTERNAL), slice([on('a1', NOT_READY), on('b1')])],
    dials: [dial('a3', at.clusterIP, 80, 'drop')],
  })),
  scenario(
    '4.2-internal-local-terminating',
    'internalTrafficPolicy Local falls back to a local terminating endpoint',
    at => ({
      set: [service(at.clusterIP, INTERNAL), slice([on('a1', TERMINATING), on('b1')])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
    }),
  ),
  scenario('4.4-internal-local-ipv6', 'internalTrafficPolicy Local applies to IPv6', at => ({
    set: [service(at.clusterIP6, { ...SIX, ...INTERNAL }), slice(['a1', 'b1'], { family: 'IPv6' })],
    dials: [dial('a3', at.clusterIP6, 80, kept('a1'))],
  })),
  scenario('4.4-external-local', 'externalTrafficPolicy Local stays on the node and preserves the source', at => ({
    set: [balanced(at, LOCAL), slice(['a1', 'a2', 'b1'])],
    dials: [
      dial('client', PRIMARY, at.nodePort, kept('a1', 'a2')),
      dial('client', at.lb, 80, kept('a1', 'a2')),
      dial('client', at.external, 80, kept('a1', 'a2')),
      dial('client2', at.lb, 80, kept('a1', 'a2')),
      // Not affected by it:
      dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1')),
    ],
  })),
  scenario('4.4-external-local-ipv6', 'externalTrafficPolicy Local applies to IPv6', at => ({
    set: [
      service(
        at.clusterIP6,
        { ...SIX, ...LOCAL, type: 'LoadBalancer', ports: [{ port: 80, nodePort: at.nodePort }] },
        { ingress: [at.lb6] },
      ),
      slice(['a1', 'b1'], { family: 'IPv6' }),
    ],
    dials: [
      dial('client', at.lb6, 80, kept('a1')),
      dial('a3', at.lb6, 80, kept('a1', 'b1')),
      dial('node1', at.lb6, 80, masked('a1', 'b1')),
    ],
  })),
  scenario(
    '4.2-external-local-terminating',
    'externalTrafficPolicy Local falls back to a local terminating endpoint',
    at => ({
      set: [balanced(at, LOCAL), slice([on('a1', TERMINATING), on('b1')])],
      dials: [
        dial('client', at.lb, 80, kept('a1')),
        // From within: all endpoints of the cluster, where another one is ready.
        dial('a3', at.lb, 80, kept('b1')),
      ],
    }),
  ),
  scenario('4.5-local-pod-short-cut', 'a pod that dials an external frontend of policy Local reaches all', at => ({
    set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
    dials: [
      dial('a3', at.lb, 80, kept('a1', 'b1')),
      dial('a3', at.external, 80, kept('a1', 'b1')),
      dial('a3', PRIMARY, at.nodePort, kept('a1', 'b1')),
    ],
  })),
  scenario('4.5-node-short-cut', 'the node that dials an external frontend of policy Local reaches all', at => ({
    set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
    dials: [
      dial('node1', at.lb, 80, masked('a1', 'b1')),
      dial('node1', PRIMARY, at.nodePort, masked('a1', 'b1')),
      dial('node1', at.lb, 80, masked('a1', 'b1'), { source: '192.0.2.2' }),
    ],
  })),
  scenario(
    '4.7-external-local-none',
    'externalTrafficPolicy Local without a local endpoint drops outside traffic only',
    at => ({
      set: [balanced(at, LOCAL), slice(['b1'])],
      dials: [
        dial('client', at.lb, 80, 'drop'),
        dial('client', at.external, 80, 'drop'),
        dial('client', PRIMARY, at.nodePort, 'drop'),
        dial('a3', at.lb, 80, kept('b1')),
        dial('node1', at.lb, 80, masked('b1')),
        dial('a3', at.clusterIP, 80, kept('b1')),
      ],
    }),
  ),
  scenario('4.4-both-local', 'both policies can be Local', at => ({
    set: [balanced(at, { ...LOCAL, ...INTERNAL }), slice(['a1', 'b1'])],
    dials: [
      dial('client', at.lb, 80, kept('a1')),
      dial('a3', at.clusterIP, 80, kept('a1')),
      dial('a3', at.lb, 80, kept('a1', 'b1')),
    ],
  })),
  scenario('4.7-no-endpoints', 'a Service without endpoints refuses on every frontend', at => ({
    set: [balanced(at)],
    dials: [
      dial('a3', at.clusterIP, 80, 'reject'),
      dial('node1', at.clusterIP, 80, 'reject'),
      dial('client', at.clusterIP, 80, 'reject'),
      dial('client', at.lb, 80, 'reject'),
      dial('client', at.external, 80, 'reject'),
      dial('client', PRIMARY, at.nodePort, 'reject'),
      dial('node1', PRIMARY, at.nodePort, 'reject'),
      dial('a3', at.lb, 80, 'reject'),
    ],
  })),
  scenario('4.7-no-endpoints-local', 'a Service without endpoints refuses with policy Local, too', at => ({
    set: [balanced(at, { ...LOCAL, ...INTERNAL }), slice([on('a1', NOT_READY)])],
    dials: [
      dial('a3', at.clusterIP, 80, 'reject'),
      dial('client', at.lb, 80, 'reject'),
      dial('client', PRIMARY, at.nodePort, 'reject'),
    ],
  })),
  scenario('4.7-no-endpoints-udp', 'UDP is refused with an ICMP error', at => ({
    set: [nodePort(at, { ports: [{ port: 53, protocol: 'UDP', nodePort: at.nodePort }] })],
    dials: [
      dial('a3', at.clusterIP, 53, 'reject', UDP),
      dial('node1', at.clusterIP, 53, 'reject', UDP),
      dial('client', PRIMARY, at.nodePort, 'reject', UDP),
    ],
  })),
  scenario('4.7-no-endpoints-ipv6', 'a Service without endpoints refuses over IPv6', at => ({
    set: [service(at.clusterIP6, { ...SIX, type: 'NodePort', ports: [{ port: 80, nodePort: at.nodePort }] })],
    dials: [
      dial('a3', at.clusterIP6, 80, 'reject'),
      dial('node1', at.clusterIP6, 80, 'reject'),
      dial('client', 'fd00:c0::1', at.nodePort, 'reject'),
    ],
  })),
  scenario('4.7-one-port-empty', 'a port without endpoints refuses beside a port that has endpoints', at => ({
    set: [
      service(at.clusterIP, {
        ports: [
          { name: 'http', port: 80 },
          { name: 'admin', port: 81 },
        ],
      }),
      slice(['a1'], { ports: [{ name: 'http', port: 8080 }] }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1')), dial('a3', at.clusterIP, 81, 'reject')],
  })),

  scenario('4.5-hairpin-short-cut', 'an endpoint that dials its own load balancer of policy Local reaches all', at => ({
    set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
    dials: [dial('a1', at.lb, 80, hairpin('a1', 'b1'))],
  })),
];
