/** Node ports: which addresses of the node serve them (rules 3.6, 3.7). */
import {
  type Draft,
  dial,
  masked,
  nodePort,
  PRIMARY,
  PRIMARY6,
  SECONDARY,
  SECONDARY6,
  SIX,
  scenario,
  service,
  slice,
  UDP,
} from './words.ts';

export const NODE_PORTS: readonly Draft[] = [
  scenario('3.6-node-port', 'a node port serves clients outside, pods and the node', at => ({
    set: [nodePort(at), slice(['a1', 'b1'])],
    dials: [
      dial('client', PRIMARY, at.nodePort, masked('a1', 'b1')),
      dial('a2', PRIMARY, at.nodePort, masked('a1', 'b1')),
      dial('node1', PRIMARY, at.nodePort, masked('a1', 'b1')),
      dial('b1', PRIMARY, at.nodePort, masked('a1', 'b1')),
    ],
  })),
  scenario('3.6-node-port-udp', 'a node port serves UDP', at => ({
    set: [
      nodePort(at, { ports: [{ port: 53, protocol: 'UDP', nodePort: at.nodePort }] }),
      slice(['a1', 'b1'], { ports: [{ name: '', port: 5353, protocol: 'UDP' }] }),
    ],
    dials: [
      dial('client', PRIMARY, at.nodePort, masked('a1:5353', 'b1:5353'), UDP),
      dial('client', PRIMARY, at.nodePort, 'none'),
    ],
  })),
  scenario('3.6-node-port-ipv6', 'a node port serves the node’s IPv6 address', at => ({
    set: [
      service(at.clusterIP6, {
        ...SIX,
        type: 'NodePort',
        ports: [{ port: 80, nodePort: at.nodePort }],
      }),
      slice(['a1', 'b1'], { family: 'IPv6' }),
    ],
    dials: [
      dial('client', PRIMARY6, at.nodePort, masked('a1', 'b1')),
      dial('client', PRIMARY, at.nodePort, 'none'),
      dial('client', SECONDARY6, at.nodePort, 'none'),
    ],
  })),
  scenario('3.7-node-port-primary', 'node ports answer on the primary address only', at => ({
    set: [nodePort(at), slice(['a1'])],
    dials: [
      dial('client', PRIMARY, at.nodePort, masked('a1')),
      dial('client', SECONDARY, at.nodePort, 'none'),
      dial('node1', SECONDARY, at.nodePort, 'none'),
    ],
  })),
  scenario('3.7-node-port-loopback', 'node ports never answer on loopback', at => ({
    set: [nodePort(at), slice(['a1'])],
    dials: [dial('node1', '127.0.0.1', at.nodePort, 'none', { source: '127.0.0.1' })],
  })),
  scenario(
    '3.7-node-port-everywhere',
    'node ports on all addresses still do not answer on loopback',
    at => ({
      set: [nodePort(at), slice(['a1'])],
      dials: [
        dial('client', PRIMARY, at.nodePort, masked('a1')),
        dial('client', SECONDARY, at.nodePort, masked('a1')),
        dial('node1', '127.0.0.1', at.nodePort, 'none', { source: '127.0.0.1' }),
      ],
    }),
    { profile: 'nodePortsEverywhere' },
  ),
  scenario(
    '3.7-node-port-everywhere-ipv6',
    'node ports answer on all IPv6 addresses of the node',
    at => ({
      set: [
        service(at.clusterIP6, { ...SIX, type: 'NodePort', ports: [{ port: 80, nodePort: at.nodePort }] }),
        slice(['a1'], { family: 'IPv6' }),
      ],
      dials: [
        dial('client', PRIMARY6, at.nodePort, masked('a1')),
        dial('client', SECONDARY6, at.nodePort, masked('a1')),
        dial('node1', '::1', at.nodePort, 'none', { source: '::1' }),
      ],
    }),
    { profile: 'nodePortsEverywhere' },
  ),
  scenario(
    '3.7-node-port-range',
    'node ports answer on the addresses in the configured ranges',
    at => ({
      set: [nodePort(at), slice(['a1'])],
      dials: [dial('client', SECONDARY, at.nodePort, masked('a1')), dial('client', PRIMARY, at.nodePort, 'none')],
    }),
    { profile: 'nodePortRange' },
  ),
  scenario(
    '3.7-node-port-other-family',
    'ranges of one family do not restrict the other',
    at => ({
      set: [
        service(at.clusterIP6, { ...SIX, type: 'NodePort', ports: [{ port: 80, nodePort: at.nodePort }] }),
        slice(['a1'], { family: 'IPv6' }),
      ],
      dials: [
        dial('client', PRIMARY6, at.nodePort, masked('a1')),
        dial('client', SECONDARY6, at.nodePort, masked('a1')),
      ],
    }),
    { profile: 'nodePortRange' },
  ),
  scenario('3.6-node-port-other-number', 'a port without a Service in the node port range is left alone', at => ({
    set: [nodePort(at), slice(['a1'])],
    dials: [dial('client', PRIMARY, at.nodePortB, 'none')],
  })),
  scenario('3.6-node-port-is-not-port', 'the node does not serve the Service port', at => ({
    set: [nodePort(at, { ports: [{ port: 88, targetPort: 8080, nodePort: at.nodePort }] }), slice(['a1'])],
    dials: [dial('client', PRIMARY, 88, 'none'), dial('client', PRIMARY, at.nodePort, masked('a1'))],
  })),
];
