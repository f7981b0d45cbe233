/** The effects of changes (rules 3.10, 12.x). */
import {
  balanced,
  type Draft,
  dial,
  kept,
  masked,
  NOT_READY,
  nodePort,
  on,
  PRIMARY,
  scenario,
  service,
  slice,
} from './words.ts';

/** The API server sets creation times, to the second; between equal times the name decides. */
const SAME_SECOND = { why: 'both Services were created in the same second', sometimes: true } as const;
const ANY = {
  why: 'kube-proxy gives it to one of the two by chance; Switchboard to the oldest',
  sometimes: true,
} as const;

export const CHANGES: readonly Draft[] = [
  scenario('12.1-slices-first', 'slices may come before their Service', at => [
    { set: [slice(['a1'])], dials: [dial('a3', at.clusterIP, 80, 'drop')] },
    { set: [service(at.clusterIP)], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
  ]),
  scenario('12.1-endpoints-come-and-go', 'endpoints come, change and go', at => [
    { set: [service(at.clusterIP)], dials: [dial('a3', at.clusterIP, 80, 'reject')] },
    { set: [slice(['a1'])], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
    { set: [slice(['a1', 'b1', 'b2'])], dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1', 'b2'))] },
    { set: [slice(['b2'])], dials: [dial('a3', at.clusterIP, 80, kept('b2'))] },
    { delete: [{ kind: 'EndpointSlice', name: 'web-1' }], dials: [dial('a3', at.clusterIP, 80, 'reject')] },
  ]),
  scenario('12.1-readiness', 'an endpoint becomes ready and unready', at => [
    {
      set: [service(at.clusterIP), slice(['a1', on('b1', NOT_READY)])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
    },
    { set: [slice(['a1', 'b1'])], dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1'))] },
    { set: [slice([on('a1', NOT_READY), 'b1'])], dials: [dial('a3', at.clusterIP, 80, kept('b1'))] },
  ]),
  scenario('12.1-moves-between-slices', 'an endpoint moves to another slice', at => [
    {
      set: [service(at.clusterIP), slice(['a1', 'b1'])],
      dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1'))],
    },
    {
      set: [slice(['a1']), slice(['b1'], { suffix: '2' })],
      dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1'))],
    },
    {
      delete: [{ kind: 'EndpointSlice', name: 'web-1' }],
      dials: [dial('a3', at.clusterIP, 80, kept('b1'))],
    },
  ]),
  scenario(
    '12.1-slice-changes-owner',
    'a slice is given to another Service',
    at => [
      {
        set: [service(at.clusterIP), service(at.clusterIPb, {}, { name: 'other' }), slice(['a1'], { suffix: 'x' })],
        dials: [dial('a3', at.clusterIP, 80, kept('a1')), dial('a3', at.clusterIPb, 80, 'reject')],
      },
      {
        set: [
          {
            ...slice(['a1'], { service: 'other' }),
            metadata: { ...slice([], { service: 'other' }).metadata, name: 'web-x' },
          },
        ],
        dials: [dial('a3', at.clusterIP, 80, 'reject'), dial('a3', at.clusterIPb, 80, kept('a1'))],
      },
    ],
    { except: { kubeProxy: 'there, the previous Service keeps the slice’s endpoints' } },
  ),
  scenario('12.1-service-deleted', 'a deleted Service leaves nothing behind', at => [
    {
      set: [balanced(at), slice(['a1'])],
      dials: [dial('client', at.lb, 80, masked('a1')), dial('a3', at.clusterIP, 80, kept('a1'))],
    },
    {
      delete: [{ kind: 'Service', name: 'web' }],
      dials: [
        dial('client', at.lb, 80, 'none'),
        dial('client', at.external, 80, 'none'),
        dial('client', PRIMARY, at.nodePort, 'none'),
        dial('a3', at.clusterIP, 80, 'drop'),
      ],
    },
  ]),
  scenario('12.3-replaced', 'a Service is deleted and created again with another cluster IP', at => [
    { set: [service(at.clusterIP), slice(['a1'])], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
    {
      delete: [{ kind: 'Service', name: 'web' }],
      set: [service(at.clusterIPb)],
      dials: [dial('a3', at.clusterIPb, 80, kept('a1')), dial('a3', at.clusterIP, 80, 'drop')],
    },
  ]),
  scenario('12.4-to-node-port-and-back', 'from ClusterIP to NodePort and back', at => [
    {
      set: [service(at.clusterIP), slice(['a1'])],
      dials: [dial('client', PRIMARY, at.nodePort, 'none'), dial('a3', at.clusterIP, 80, kept('a1'))],
    },
    {
      set: [nodePort(at)],
      dials: [dial('client', PRIMARY, at.nodePort, masked('a1')), dial('a3', at.clusterIP, 80, kept('a1'))],
    },
    {
      set: [service(at.clusterIP)],
      dials: [dial('client', PRIMARY, at.nodePort, 'none'), dial('a3', at.clusterIP, 80, kept('a1'))],
    },
  ]),
  scenario('12.4-to-external-name', 'from LoadBalancer to ExternalName', at => [
    { set: [balanced(at), slice(['a1'])], dials: [dial('client', at.lb, 80, masked('a1'))] },
    {
      set: [service('', { type: 'ExternalName', externalName: 'db.example.com' })],
      dials: [
        dial('client', at.lb, 80, 'none'),
        dial('client', PRIMARY, at.nodePort, 'none'),
        dial('a3', at.clusterIP, 80, 'drop'),
      ],
    },
  ]),
  scenario('12.4-node-port-number', 'a node port gets another number', at => [
    { set: [nodePort(at), slice(['a1'])], dials: [dial('client', PRIMARY, at.nodePort, masked('a1'))] },
    {
      set: [nodePort(at, { ports: [{ port: 80, targetPort: 8080, nodePort: at.nodePortB }] })],
      dials: [dial('client', PRIMARY, at.nodePortB, masked('a1')), dial('client', PRIMARY, at.nodePort, 'none')],
    },
  ]),
  scenario('12.4-load-balancer-ip', 'a load balancer gets its IP later, and another one after that', at => [
    {
      set: [balanced(at, {}, { ingress: [] }), slice(['a1'])],
      dials: [dial('client', at.lb, 80, 'none'), dial('client', PRIMARY, at.nodePort, masked('a1'))],
    },
    { set: [balanced(at)], dials: [dial('client', at.lb, 80, masked('a1'))] },
    {
      set: [balanced(at, {}, { ingress: [at.lbB] })],
      dials: [dial('client', at.lb, 80, 'none'), dial('client', at.lbB, 80, masked('a1'))],
    },
  ]),
  scenario('12.4-external-ip-moves', 'an external IP is taken from one Service and given to another', at => [
    {
      set: [
        service(at.clusterIP, { externalIPs: [at.external] }),
        slice(['a1']),
        service(at.clusterIPb, {}, { name: 'other' }),
        slice(['b1'], { service: 'other' }),
      ],
      dials: [dial('client', at.external, 80, masked('a1'))],
    },
    {
      set: [service(at.clusterIP), service(at.clusterIPb, { externalIPs: [at.external] }, { name: 'other' })],
      dials: [dial('client', at.external, 80, masked('b1'))],
    },
  ]),
  scenario('12.4-policy-changes', 'externalTrafficPolicy changes', at => [
    { set: [balanced(at), slice(['a1', 'b1'])], dials: [dial('client', at.lb, 80, masked('a1', 'b1'))] },
    { set: [balanced(at, { externalTrafficPolicy: 'Local' })], dials: [dial('client', at.lb, 80, kept('a1'))] },
    { set: [slice(['b1'])], dials: [dial('client', at.lb, 80, 'drop')] },
    { set: [balanced(at)], dials: [dial('client', at.lb, 80, masked('b1'))] },
  ]),
  scenario('12.4-ranges-change', 'source ranges come and go', at => [
    { set: [balanced(at), slice(['a1'])], dials: [dial('client2', at.lb, 80, masked('a1'))] },
    {
      set: [balanced(at, { loadBalancerSourceRanges: ['198.51.100.0/24'] })],
      dials: [dial('client2', at.lb, 80, 'drop'), dial('client', at.lb, 80, masked('a1'))],
    },
    { set: [balanced(at)], dials: [dial('client2', at.lb, 80, masked('a1'))] },
  ]),
  scenario('12.4-proxy-name', 'a Service is given to another proxy, and comes back', at => [
    { set: [service(at.clusterIP), slice(['a1'])], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
    {
      set: [service(at.clusterIP, {}, { labels: { 'service.kubernetes.io/service-proxy-name': 'other' } })],
      dials: [dial('a3', at.clusterIP, 80, 'drop')],
    },
    { set: [service(at.clusterIP)], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
  ]),
  scenario('12.5-port-renumbered', 'a port gets another number', at => [
    { set: [service(at.clusterIP), slice(['a1'])], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
    {
      set: [service(at.clusterIP, { ports: [{ port: 85, targetPort: 8080 }] })],
      dials: [dial('a3', at.clusterIP, 85, kept('a1')), dial('a3', at.clusterIP, 80, 'reject')],
    },
  ]),
  scenario('12.5-port-renamed', 'a port and its slices get another name', at => [
    { set: [service(at.clusterIP), slice(['a1'])], dials: [dial('a3', at.clusterIP, 80, kept('a1'))] },
    {
      set: [
        service(at.clusterIP, { ports: [{ name: 'http', port: 80 }] }),
        slice(['b1'], { ports: [{ name: 'http', port: 8080 }] }),
      ],
      dials: [dial('a3', at.clusterIP, 80, kept('b1'))],
    },
  ]),
  scenario(
    '3.10-external-ip-contested',
    'two Services name one external IP and port',
    at => ({
      set: [
        service(at.clusterIPb, { externalIPs: [at.external] }, { name: 'older', created: '2026-01-01T00:00:00Z' }),
        slice(['a1'], { service: 'older' }),
        service(at.clusterIP, { externalIPs: [at.external] }, { name: 'newer', created: '2026-02-01T00:00:00Z' }),
        slice(['b1'], { service: 'newer' }),
      ],
      dials: [
        dial('client', at.external, 80, masked('a1')),
        dial('a3', at.clusterIP, 80, kept('b1')),
        dial('a3', at.clusterIPb, 80, kept('a1')),
      ],
    }),
    { except: { kubeProxy: ANY, agent: SAME_SECOND } },
  ),
  scenario('3.10-same-ip-other-port', 'two Services may share an external IP with different ports', at => ({
    set: [
      service(at.clusterIP, { externalIPs: [at.external] }),
      slice(['a1']),
      service(
        at.clusterIPb,
        { externalIPs: [at.external], ports: [{ port: 81, targetPort: 8080 }] },
        { name: 'other' },
      ),
      slice(['b1'], { service: 'other' }),
    ],
    dials: [dial('client', at.external, 80, masked('a1')), dial('client', at.external, 81, masked('b1'))],
  })),
  scenario(
    '3.10-released',
    'the other Service gets an external IP that one of two gives up',
    at => [
      {
        set: [
          service(at.clusterIP, { externalIPs: [at.external] }, { name: 'older', created: '2026-01-01T00:00:00Z' }),
          slice(['a1'], { service: 'older' }),
          service(at.clusterIPb, { externalIPs: [at.external] }, { name: 'newer', created: '2026-02-01T00:00:00Z' }),
          slice(['b1'], { service: 'newer' }),
        ],
        dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
      },
      {
        delete: [{ kind: 'Service', name: 'older' }],
        dials: [dial('client', at.external, 80, masked('b1'))],
      },
    ],
    { except: { kubeProxy: ANY } },
  ),
];
