/** Traffic policies, refusals and silence (rules 4.2 to 4.7). */
import {
  balanced,
  type Draft,
  dial,
  hairpin,
  kept,
  masked,
  NOT_READY,
  nodePort,
  on,
  PRIMARY,
  scenario,
  service,
  slice,
  TERMINATING,
} from './words.ts';

const LOCAL = { externalTrafficPolicy: 'Local' };
const INTERNAL = { internalTrafficPolicy: 'Local' };
const UDP = { protocol: 'UDP' } as const;
const SIX = { ipFamilies: ['IPv6'], ipFamilyPolicy: 'SingleStack' };

export const POLICIES: readonly Draft[] = [
  scenario('4.4-internal-local', 'internalTrafficPolicy Local stays on the node', at => ({
    set: [service(at.clusterIP, INTERNAL), slice(['a1', 'a2', 'b1'])],
    dials: [
      dial('a3', at.clusterIP, 80, kept('a1', 'a2')),
      dial('node1', at.clusterIP, 80, masked('a1', 'a2')),
      dial('client', at.clusterIP, 80, masked('a1', 'a2')),
    ],
  })),
  scenario('4.7-internal-local-none', 'internalTrafficPolicy Local with nothing here: silence', at => ({
    set: [nodePort(at, INTERNAL), slice(['b1'])],
    dials: [
      dial('a3', at.clusterIP, 80, 'drop'),
      dial('node1', at.clusterIP, 80, 'drop'),
      // The node port is external traffic, which another policy binds.
      dial('client', PRIMARY, at.nodePort, masked('b1')),
    ],
  })),
  scenario('4.7-internal-local-udp', 'the same over UDP', at => ({
    set: [
      service(at.clusterIP, { ...INTERNAL, ports: [{ port: 53, protocol: 'UDP' }] }),
      slice(['b1'], { ports: [{ name: '', port: 5353, protocol: 'UDP' }] }),
    ],
    dials: [dial('a3', at.clusterIP, 53, 'drop', UDP)],
  })),
  scenario('4.7-internal-local-unready', 'internalTrafficPolicy Local, here one that is not ready: silence', at => ({
    set: [service(at.clusterIP, INTERNAL), slice([on('a1', NOT_READY), on('b1')])],
    dials: [dial('a3', at.clusterIP, 80, 'drop')],
  })),
  scenario(
    '4.2-internal-local-terminating',
    'internalTrafficPolicy Local falls back on a terminating one here',
    at => ({
      set: [service(at.clusterIP, INTERNAL), slice([on('a1', TERMINATING), on('b1')])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
    }),
  ),
  scenario('4.4-internal-local-ipv6', 'internalTrafficPolicy Local over IPv6', at => ({
    set: [service(at.clusterIP6, { ...SIX, ...INTERNAL }), slice(['a1', 'b1'], { family: 'IPv6' })],
    dials: [dial('a3', at.clusterIP6, 80, kept('a1'))],
  })),
  scenario('4.4-external-local', 'externalTrafficPolicy Local stays on the node and keeps the source', at => ({
    set: [balanced(at, LOCAL), slice(['a1', 'a2', 'b1'])],
    dials: [
      dial('client', PRIMARY, at.nodePort, kept('a1', 'a2')),
      dial('client', at.lb, 80, kept('a1', 'a2')),
      dial('client', at.external, 80, kept('a1', 'a2')),
      dial('client2', at.lb, 80, kept('a1', 'a2')),
      // Not bound by it:
      dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1')),
    ],
  })),
  scenario('4.4-external-local-ipv6', 'externalTrafficPolicy Local over IPv6', at => ({
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
    'externalTrafficPolicy Local falls back on a terminating one here',
    at => ({
      set: [balanced(at, LOCAL), slice([on('a1', TERMINATING), on('b1')])],
      dials: [
        dial('client', at.lb, 80, kept('a1')),
        // From within: the cluster's set, where another is ready.
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
    'externalTrafficPolicy Local with nothing here: silence outside, short cut inside',
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
  scenario('4.4-both-local', 'both policies Local', at => ({
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
  scenario('4.7-no-endpoints-local', 'and so it does with policy Local', at => ({
    set: [balanced(at, { ...LOCAL, ...INTERNAL }), slice([on('a1', NOT_READY)])],
    dials: [
      dial('a3', at.clusterIP, 80, 'reject'),
      dial('client', at.lb, 80, 'reject'),
      dial('client', PRIMARY, at.nodePort, 'reject'),
    ],
  })),
  scenario('4.7-no-endpoints-udp', 'UDP is refused by an ICMP error', at => ({
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
  scenario('4.7-one-port-empty', 'a port without endpoints refuses beside one that has some', at => ({
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

  scenario('4.5-hairpin-short-cut', 'an endpoint that dials its own load balancer of policy Local', at => ({
    set: [balanced(at, LOCAL), slice(['a1', 'b1'])],
    dials: [dial('a1', at.lb, 80, hairpin('a1', 'b1'))],
  })),
];
