/** What happens to flows and connections when endpoints change (rules 8.x). */
import {
  balanced,
  type Draft,
  dial,
  HTTP,
  kept,
  masked,
  NOT_READY,
  nodePort,
  on,
  PRIMARY,
  scenario,
  service,
  slice,
  UDP,
} from './words.ts';

const DNS = { ports: [{ port: 53, protocol: 'UDP' }] };
const DNS_SLICE = { ports: [{ name: '', port: 5353, protocol: 'UDP' }] };
const flow = { ...UDP, flow: 'flow' };

export const FLOWS: readonly Draft[] = [
  scenario('8.1-udp-moves', 'a UDP flow moves when its endpoint goes', at => [
    {
      set: [service(at.clusterIP, DNS), slice(['a1'], DNS_SLICE)],
      dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), flow)],
    },
    { set: [slice(['b1'], DNS_SLICE)], dials: [dial('a3', at.clusterIP, 53, kept('b1:5353'), flow)] },
  ]),
  scenario('8.1-udp-moves-from-outside', 'a UDP flow to a node port moves when its endpoint goes', at => [
    {
      set: [nodePort(at, { ports: [{ port: 53, protocol: 'UDP', nodePort: at.nodePort }] }), slice(['a1'], DNS_SLICE)],
      dials: [dial('client', PRIMARY, at.nodePort, masked('a1:5353'), flow)],
    },
    { set: [slice(['b1'], DNS_SLICE)], dials: [dial('client', PRIMARY, at.nodePort, masked('b1:5353'), flow)] },
  ]),
  scenario('8.1-udp-terminating-stays', 'a UDP flow stays with an endpoint that still serves', at => [
    {
      set: [service(at.clusterIP, DNS), slice(['a1'], DNS_SLICE)],
      dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), flow)],
    },
    {
      set: [slice([on('a1', { ready: false, serving: true, terminating: true }), 'b1'], DNS_SLICE)],
      dials: [
        dial('a3', at.clusterIP, 53, kept('a1:5353'), { ...flow, established: true }),
        dial('a3', at.clusterIP, 53, kept('b1:5353'), UDP),
      ],
    },
  ]),
  scenario('8.1-udp-unready-moves', 'a UDP flow leaves an endpoint that no longer serves', at => [
    {
      set: [service(at.clusterIP, DNS), slice(['a1'], DNS_SLICE)],
      dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), flow)],
    },
    {
      set: [slice([on('a1', NOT_READY), 'b1'], DNS_SLICE)],
      dials: [dial('a3', at.clusterIP, 53, kept('b1:5353'), flow)],
    },
  ]),
  scenario('8.1-udp-before-endpoints', 'a UDP flow that began before there were endpoints reaches them', at => [
    { set: [service(at.clusterIP, DNS)], dials: [dial('a3', at.clusterIP, 53, 'reject', flow)] },
    { set: [slice(['a1'], DNS_SLICE)], dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), flow)] },
  ]),
  scenario('8.1-udp-before-service', 'a UDP flow that began before there was a Service reaches it', at => [
    {
      set: [slice(['a1'], DNS_SLICE)],
      dials: [
        // The world has the address, and no server on that port.
        dial('client', at.external, 53, 'reject', { ...flow, established: true }),
      ],
    },
    {
      set: [service(at.clusterIP, { ...DNS, externalIPs: [at.external] })],
      dials: [dial('client', at.external, 53, masked('a1:5353'), flow)],
    },
  ]),
  scenario(
    '8.1-udp-last-endpoint',
    'a UDP flow ends when the last endpoint goes',
    at => [
      {
        set: [service(at.clusterIP, DNS), slice(['a1'], DNS_SLICE)],
        dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), flow)],
      },
      { set: [slice([], DNS_SLICE)], dials: [dial('a3', at.clusterIP, 53, 'reject', flow)] },
    ],
    {
      except: {
        kubeProxy: {
          why: 'it keeps the flows of a port without endpoints, which lead to a dead pod',
          kubernetes: ['1.34'],
        },
      },
    },
  ),
  scenario('8.1-udp-others-stay', 'a UDP flow stays when other endpoints change', at => [
    {
      set: [service(at.clusterIP, DNS), slice(['a1'], DNS_SLICE)],
      dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), flow)],
    },
    {
      set: [slice(['a1', 'b1', 'b2'], DNS_SLICE)],
      dials: [dial('a3', at.clusterIP, 53, kept('a1:5353'), { ...flow, established: true })],
    },
  ]),
  scenario('8.2-tcp-stays', 'an open TCP connection survives a change of its Service', at => [
    {
      set: [balanced(at), slice(['a1'])],
      dials: [
        dial('a3', at.clusterIP, 80, kept('a1'), { flow: 'pod' }),
        dial('client', at.lb, 80, masked('a1'), { flow: 'client' }),
      ],
    },
    {
      set: [slice(['b1'])],
      dials: [
        dial('a3', at.clusterIP, 80, kept('a1'), { flow: 'pod', established: true }),
        dial('client', at.lb, 80, masked('a1'), { flow: 'client', established: true }),
        dial('a3', at.clusterIP, 80, kept('b1')),
      ],
    },
    {
      delete: [{ kind: 'EndpointSlice', name: 'web-1' }],
      set: [
        balanced(at, {
          ports: HTTP.map(port => ({ ...port, nodePort: at.nodePort })),
          loadBalancerSourceRanges: ['10.0.0.0/8'],
        }),
      ],
      dials: [
        dial('a3', at.clusterIP, 80, kept('a1'), { flow: 'pod', established: true }),
        dial('client', at.lb, 80, masked('a1'), { flow: 'client', established: true }),
        dial('a3', at.clusterIP, 80, 'reject'),
      ],
    },
  ]),
];
