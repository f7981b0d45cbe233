/** Session affinity (rules 7.x): which endpoint a client reaches does not matter, but it has to stay the same. */
import {
  balanced,
  type Draft,
  dial,
  kept,
  LOCAL,
  masked,
  nodePort,
  PRIMARY,
  SIX,
  scenario,
  service,
  slice,
} from './words.ts';

const STICKY = { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } } };
const NAMED = { ports: [{ name: 'http', port: 8080 }] };

export const AFFINITY: readonly Draft[] = [
  scenario('7.1-sticky', 'a client reaches the same endpoint every time', at => ({
    set: [service(at.clusterIP, STICKY), slice(['a1', 'a2', 'b1', 'b2'])],
    dials: [
      dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1', 'b2'), { sticky: 'pod' }),
      dial('client', at.clusterIP, 80, masked('a1', 'a2', 'b1', 'b2'), { sticky: 'client' }),
      dial('node1', at.clusterIP, 80, masked('a1', 'a2', 'b1', 'b2'), { sticky: 'node' }),
    ],
  })),
  scenario('7.1-sticky-udp', 'a client reaches the same endpoint every time over UDP', at => ({
    set: [
      service(at.clusterIP, { ...STICKY, ports: [{ port: 53, protocol: 'UDP' }] }),
      slice(['a1', 'a2', 'b1'], { ports: [{ name: '', port: 5353, protocol: 'UDP' }] }),
    ],
    dials: [dial('a3', at.clusterIP, 53, kept('a1:5353', 'a2:5353', 'b1:5353'), { protocol: 'UDP', sticky: 'pod' })],
  })),
  scenario('7.1-sticky-ipv6', 'a client reaches the same endpoint every time over IPv6', at => ({
    set: [service(at.clusterIP6, { ...SIX, ...STICKY }), slice(['a1', 'a2', 'b1'], { family: 'IPv6' })],
    dials: [dial('a3', at.clusterIP6, 80, kept('a1', 'a2', 'b1'), { sticky: 'pod' })],
  })),
  scenario('7.1-all-frontends', 'all frontends of a port share one affinity', at => ({
    set: [balanced(at, STICKY), slice(['a1', 'a2', 'b1'])],
    dials: [
      dial('client', at.clusterIP, 80, masked('a1', 'a2', 'b1'), { sticky: 'client' }),
      dial('client', at.lb, 80, masked('a1', 'a2', 'b1'), { sticky: 'client' }),
      dial('client', at.external, 80, masked('a1', 'a2', 'b1'), { sticky: 'client' }),
      dial('client', PRIMARY, at.nodePort, masked('a1', 'a2', 'b1'), { sticky: 'client' }),
    ],
  })),
  scenario('7.1-each-port', 'each port of a Service has an affinity of its own', at => ({
    set: [
      service(at.clusterIP, {
        ...STICKY,
        ports: [
          { name: 'one', port: 80 },
          { name: 'two', port: 81 },
        ],
      }),
      slice(['a1', 'a2', 'b1'], {
        ports: [
          { name: 'one', port: 8080 },
          { name: 'two', port: 9090 },
        ],
      }),
    ],
    dials: [
      dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1'), { sticky: 'one' }),
      dial('a3', at.clusterIP, 81, kept('a1:9090', 'a2:9090', 'b1:9090'), { sticky: 'two' }),
    ],
  })),
  scenario('7.3-survives-others', 'affinity survives other endpoints that come and go', at => [
    {
      set: [service(at.clusterIP, STICKY), slice(['a1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'), { sticky: 'pod' })],
    },
    {
      set: [slice(['a1', 'a2', 'b1', 'b2'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1', 'b2'), { sticky: 'pod' })],
    },
    {
      set: [slice(['b2', 'a1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b2'), { sticky: 'pod' })],
    },
  ]),
  scenario('7.2-ends-with-its-endpoint', 'affinity ends with its endpoint, and a new one begins', at => [
    {
      set: [service(at.clusterIP, STICKY), slice(['a1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'), { sticky: 'before' })],
    },
    {
      set: [slice(['a2', 'b1', 'b2'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a2', 'b1', 'b2'), { sticky: 'after' })],
    },
    {
      // The old endpoint is back; the client stays with its new one.
      set: [slice(['a1', 'a2', 'b1', 'b2'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1', 'b2'), { sticky: 'after' })],
    },
  ]),
  scenario('7.2-terminating-ends-it', 'affinity leaves a terminating endpoint while others are ready', at => [
    {
      set: [service(at.clusterIP, STICKY), slice(['a1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'), { sticky: 'before' })],
    },
    {
      set: [slice([{ host: 'a1', ready: false, serving: true, terminating: true }, 'b1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('b1'), { sticky: 'after' })],
    },
  ]),
  scenario('7.2-only-in-its-set', 'affinity to an endpoint that this frontend may not use does not count', at => [
    {
      set: [nodePort(at, { ...STICKY, ...LOCAL }), slice(['b1'])],
      dials: [dial('client', at.clusterIP, 80, masked('b1'), { sticky: 'inside' })],
    },
    {
      set: [slice(['a1', 'b1'])],
      dials: [dial('client', PRIMARY, at.nodePort, kept('a1'))],
    },
  ]),
  scenario('7.3-port-changes', 'affinity survives a change of the Service’s port number', at => [
    {
      set: [service(at.clusterIP, { ...STICKY, ports: [{ name: 'http', port: 80 }] }), slice(['a1'], NAMED)],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'), { sticky: 'pod' })],
    },
    {
      set: [
        service(at.clusterIP, { ...STICKY, ports: [{ name: 'http', port: 85 }] }),
        slice(['a1', 'a2', 'b1', 'b2'], NAMED),
      ],
      dials: [
        dial('a3', at.clusterIP, 85, kept('a1', 'a2', 'b1', 'b2'), { sticky: 'pod' }),
        dial('a3', at.clusterIP, 80, 'reject'),
      ],
    },
  ]),
  scenario('7.1-switched-off', 'a client is spread again once affinity is switched off', at => [
    {
      set: [service(at.clusterIP, STICKY), slice(['a1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'), { sticky: 'before' })],
    },
    {
      set: [service(at.clusterIP, { sessionAffinity: 'None' }), slice(['a1', 'b1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1'))],
    },
  ]),
];
