/** Which endpoints a dial can reach (rules 3.2 to 3.5, 4.1 to 4.3, 4.6). */
import {
  type Draft,
  dial,
  type EndpointWords,
  GONE,
  kept,
  masked,
  NOT_READY,
  on,
  PRIMARY,
  scenario,
  service,
  slice,
  TERMINATING,
} from './words.ts';

/** A Service and one slice; a pod that is not an endpoint dials its cluster IP. */
function reached(id: string, name: string, endpoints: readonly ReturnType<typeof on>[], ...expected: string[]): Draft {
  return scenario(id, name, at => ({
    set: [service(at.clusterIP), slice(endpoints)],
    dials: [dial('a3', at.clusterIP, 80, expected.length === 0 ? 'reject' : kept(...expected))],
  }));
}

/** Kubernetes 1.34 prefers the slice that places the endpoint on the node; later versions ignore that. */
const WHICHEVER_NODE = {
  why: 'the slice that it happens to read last decides on which node the endpoint is',
  sometimes: true,
} as const;

const WHICHEVER = {
  why: 'the slice that it happens to read last decides whether the endpoint is ready',
  sometimes: true,
} as const;

const inZone = (zone: string, words: EndpointWords = {}): EndpointWords => ({ zone, forZones: [zone], ...words });

export const ENDPOINTS: readonly Draft[] = [
  reached('3.2-ready-absent', 'an endpoint without a condition is ready', [on('a1', { ready: null })], 'a1'),
  reached('3.2-not-ready', 'an endpoint that is not ready gets nothing', [on('a1', NOT_READY), on('b1')], 'b1'),
  reached('4.7-none-ready', 'connections are refused if no endpoint is ready', [
    on('a1', NOT_READY),
    on('b1', NOT_READY),
  ]),
  reached(
    '3.2-ready-while-terminating',
    'an endpoint that is both ready and terminating is used (publishNotReadyAddresses)',
    [on('a1', { ready: true, serving: true, terminating: true }), on('b1')],
    'a1',
    'b1',
  ),
  reached(
    '4.1-terminating-beside-ready',
    'a terminating endpoint gets no new connections while others are ready',
    [on('a1', TERMINATING), on('b1')],
    'b1',
  ),
  reached(
    '4.1-only-terminating',
    'terminating endpoints are used if no others are left',
    [on('a1', TERMINATING), on('b1', TERMINATING)],
    'a1',
    'b1',
  ),
  reached(
    '4.1-terminating-not-serving',
    'of terminating endpoints, only the serving ones are used',
    [on('a1', TERMINATING), on('b1', GONE)],
    'a1',
  ),
  reached('4.1-all-gone', 'connections are refused if all endpoints terminate and none is serving', [
    on('a1', GONE),
    on('b1', GONE),
  ]),
  reached(
    '4.1-serving-absent',
    'a terminating endpoint without a serving condition is serving',
    [on('a1', { ready: false, serving: null, terminating: true })],
    'a1',
  ),
  scenario('3.4-several-slices', 'the endpoints of all slices count', at => ({
    set: [service(at.clusterIP), slice(['a1', 'a2']), slice(['b1'], { suffix: '2' }), slice(['b2'], { suffix: '3' })],
    dials: [dial('a3', at.clusterIP, 80, kept('a1', 'a2', 'b1', 'b2'))],
  })),
  scenario('3.4-duplicate', 'an endpoint in two slices is one endpoint', at => ({
    set: [service(at.clusterIP), slice(['a1']), slice(['a1', 'b1'], { suffix: '2' })],
    dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1'))],
  })),
  scenario(
    '3.4-duplicate-local',
    'an endpoint that one slice places on this node is local',
    at => ({
      set: [
        service(at.clusterIP, { internalTrafficPolicy: 'Local' }),
        slice([on('a1', { nodeName: '' })]),
        slice(['a1'], { suffix: '2' }),
      ],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
    }),
    { except: { kubeProxy: { ...WHICHEVER_NODE, kubernetes: ['1.37'] } } },
  ),
  scenario(
    '3.4-duplicate-better-wins',
    'an endpoint that moves between slices stays ready',
    at => ({
      set: [service(at.clusterIP), slice([on('a1', NOT_READY)], { suffix: '1' }), slice(['a1'], { suffix: '2' })],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
    }),
    { except: { kubeProxy: WHICHEVER } },
  ),
  scenario(
    '3.4-duplicate-better-wins-2',
    'an endpoint that is ready in one of two slices is ready',
    at => ({
      set: [service(at.clusterIP), slice(['a1']), slice([on('a1', NOT_READY)], { suffix: '2' })],
      dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
    }),
    { except: { kubeProxy: WHICHEVER } },
  ),
  scenario('3.4-two-ports-of-a-pod', 'one address with two ports is two endpoints', at => ({
    set: [service(at.clusterIP), slice(['a1']), slice(['a1'], { suffix: '2', ports: [{ name: '', port: 9090 }] })],
    dials: [dial('a3', at.clusterIP, 80, kept('a1:8080', 'a1:9090'))],
  })),
  scenario('3.3-port-absent', 'a slice port without a number is skipped', at => ({
    set: [
      service(at.clusterIP, {
        ports: [
          { name: 'http', port: 80 },
          { name: 'any', port: 81 },
        ],
      }),
      slice(['a1'], { ports: [{ name: 'http', port: 8080 }, { name: 'any' }] }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1')), dial('a3', at.clusterIP, 81, 'reject')],
  })),
  scenario('3.3-fqdn', 'slices of type FQDN are skipped', at => ({
    set: [
      service(at.clusterIP),
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: 'web-names', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'FQDN',
        ports: [{ name: '', port: 8080, protocol: 'TCP' }],
        endpoints: [{ addresses: ['a1.example.com'] }],
      },
    ],
    dials: [dial('a3', at.clusterIP, 80, 'reject')],
  })),
  scenario('3.1-headless-slice', 'slices with the headless label are skipped', at => ({
    set: [
      service(at.clusterIP),
      slice(['a1']),
      slice(['b1'], { suffix: '2', labels: { 'service.kubernetes.io/headless': '' } }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
  })),
  scenario('2.16-other-service', 'slices of another Service do not count', at => ({
    set: [
      service(at.clusterIP),
      slice(['a1']),
      service(at.clusterIPb, {}, { name: 'other' }),
      slice(['b1'], { service: 'other' }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1')), dial('a3', at.clusterIPb, 80, kept('b1'))],
  })),
  scenario('12.6-endpoint-of-two', 'a pod can be an endpoint of two Services', at => ({
    set: [
      service(at.clusterIP),
      slice(['a1', 'b1']),
      service(at.clusterIPb, {}, { name: 'other' }),
      slice(['a1'], { service: 'other' }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1')), dial('a3', at.clusterIPb, 80, kept('a1'))],
  })),
  scenario('2.14-host-network', 'an endpoint can be on the node’s own network', at => ({
    set: [service(at.clusterIP, { type: 'NodePort', ports: [{ port: 80, nodePort: at.nodePort }] }), slice(['node1'])],
    dials: [dial('a3', at.clusterIP, 80, kept('node1')), dial('client', PRIMARY, at.nodePort, kept('node1'))],
  })),

  reached(
    '4.3-zone-hints',
    'zone hints keep traffic in this node’s zone',
    [on('a1', inZone('zone-a')), on('b1', inZone('zone-b'))],
    'a1',
  ),
  reached(
    '4.3-zone-hint-for-a-stranger',
    'a hint may name this zone for an endpoint in another zone',
    [on('a1', inZone('zone-a', { forZones: ['zone-c'] })), on('b1', inZone('zone-b', { forZones: ['zone-a'] }))],
    'b1',
  ),
  reached(
    '4.3-no-hint-for-this-zone',
    'hints that name other zones only are not followed',
    [on('a1', inZone('zone-b')), on('b1', inZone('zone-c'))],
    'a1',
    'b1',
  ),
  reached(
    '4.3-one-without-a-hint',
    'one endpoint without a hint switches hints off',
    [on('a1', inZone('zone-a')), on('b1', { zone: 'zone-b' })],
    'a1',
    'b1',
  ),
  reached(
    '4.3-unready-without-a-hint',
    'an endpoint that is not ready does not switch hints off',
    [on('a1', inZone('zone-a')), on('a2', { zone: 'zone-a', ...NOT_READY }), on('b1', inZone('zone-b'))],
    'a1',
  ),
  reached(
    '4.3-node-hints',
    'node hints keep traffic on this node',
    [on('a1', { forNodes: ['node1'], ...inZone('zone-a') }), on('b1', { forNodes: ['node2'], ...inZone('zone-a') })],
    'a1',
  ),
  reached(
    '4.3-node-hints-elsewhere',
    'node hints for other nodes give way to zone hints',
    [
      on('a1', { forNodes: ['node3'], ...inZone('zone-a') }),
      on('a2', { forNodes: ['node3'], ...inZone('zone-b') }),
      on('b1', { forNodes: ['node2'], ...inZone('zone-a') }),
    ],
    'a1',
    'b1',
  ),
  reached(
    '4.3-node-hints-on-some',
    'node hints on some endpoints only give way to zone hints',
    [on('a1', { forNodes: ['node1'], ...inZone('zone-b') }), on('b1', inZone('zone-a'))],
    'b1',
  ),
  reached(
    '4.3-terminating-not-narrowed',
    'hints do not narrow what is left when nothing is ready',
    [on('a1', { ...inZone('zone-a'), ...TERMINATING }), on('b1', { ...inZone('zone-b'), ...TERMINATING })],
    'a1',
    'b1',
  ),
  scenario('4.3-external-hints', 'hints apply to node ports, too', at => ({
    set: [
      service(at.clusterIP, { type: 'NodePort', ports: [{ port: 80, nodePort: at.nodePort }] }),
      slice([on('a1', inZone('zone-a')), on('b1', inZone('zone-b'))]),
    ],
    dials: [dial('client', PRIMARY, at.nodePort, masked('a1'))],
  })),
  scenario('4.2-local-ignores-hints', 'policy Local depends on nodes and not on hints', at => ({
    set: [
      service(at.clusterIP, { internalTrafficPolicy: 'Local' }),
      slice([on('a1', inZone('zone-b')), on('b1', inZone('zone-a'))]),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
  })),
];
