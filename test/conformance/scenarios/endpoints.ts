/** Which endpoints a dial may reach (rules 3.2 to 3.5, 4.1 to 4.3, 4.6). */
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

/** A Service and one slice, dialled on its cluster IP by a pod that is no endpoint. */
function reached(id: string, name: string, endpoints: readonly ReturnType<typeof on>[], ...expected: string[]): Draft {
  return scenario(id, name, at => ({
    set: [service(at.clusterIP), slice(endpoints)],
    dials: [dial('a3', at.clusterIP, 80, expected.length === 0 ? 'reject' : kept(...expected))],
  }));
}

/** Kubernetes 1.34 prefers the slice that places the endpoint on the node; later versions do not look at that. */
const WHICHEVER_NODE = {
  why: 'whichever slice it happens to read last says on which node the endpoint is',
  sometimes: true,
} as const;

const WHICHEVER = {
  why: 'whichever slice it happens to read last says whether the endpoint is ready',
  sometimes: true,
} as const;

const inZone = (zone: string, words: EndpointWords = {}): EndpointWords => ({ zone, forZones: [zone], ...words });

export const ENDPOINTS: readonly Draft[] = [
  reached('3.2-ready-absent', 'an endpoint that says nothing of its state is ready', [on('a1', { ready: null })], 'a1'),
  reached('3.2-not-ready', 'an endpoint that is not ready gets nothing', [on('a1', NOT_READY), on('b1')], 'b1'),
  reached('4.7-none-ready', 'no endpoint is ready: refused', [on('a1', NOT_READY), on('b1', NOT_READY)]),
  reached(
    '3.2-ready-while-terminating',
    'ready counts, even said of one that terminates (publishNotReadyAddresses)',
    [on('a1', { ready: true, serving: true, terminating: true }), on('b1')],
    'a1',
    'b1',
  ),
  reached(
    '4.1-terminating-beside-ready',
    'a terminating endpoint gets nothing new while others are ready',
    [on('a1', TERMINATING), on('b1')],
    'b1',
  ),
  reached(
    '4.1-only-terminating',
    'only terminating endpoints are left: they are used',
    [on('a1', TERMINATING), on('b1', TERMINATING)],
    'a1',
    'b1',
  ),
  reached(
    '4.1-terminating-not-serving',
    'of those that terminate only the serving ones are used',
    [on('a1', TERMINATING), on('b1', GONE)],
    'a1',
  ),
  reached('4.1-all-gone', 'all terminate and none serves: refused', [on('a1', GONE), on('b1', GONE)]),
  reached(
    '4.1-serving-absent',
    'a terminating endpoint that does not say whether it serves, serves',
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
    'and in whichever slice it is ready',
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
  scenario('3.3-port-absent', 'a slice port without a number is passed over', at => ({
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
  scenario('3.3-fqdn', 'slices of names are passed over', at => ({
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
  scenario('3.1-headless-slice', 'slices that are labelled headless are passed over', at => ({
    set: [
      service(at.clusterIP),
      slice(['a1']),
      slice(['b1'], { suffix: '2', labels: { 'service.kubernetes.io/headless': '' } }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
  })),
  scenario('2.16-other-service', 'slices of another Service are not this one’s', at => ({
    set: [
      service(at.clusterIP),
      slice(['a1']),
      service(at.clusterIPb, {}, { name: 'other' }),
      slice(['b1'], { service: 'other' }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1')), dial('a3', at.clusterIPb, 80, kept('b1'))],
  })),
  scenario('12.6-endpoint-of-two', 'a pod that is an endpoint of two Services', at => ({
    set: [
      service(at.clusterIP),
      slice(['a1', 'b1']),
      service(at.clusterIPb, {}, { name: 'other' }),
      slice(['a1'], { service: 'other' }),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1', 'b1')), dial('a3', at.clusterIPb, 80, kept('a1'))],
  })),
  scenario('2.14-host-network', 'an endpoint on the node’s own network', at => ({
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
    'a hint may name this zone for an endpoint of another',
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
  scenario('4.3-external-hints', 'hints count for node ports, too', at => ({
    set: [
      service(at.clusterIP, { type: 'NodePort', ports: [{ port: 80, nodePort: at.nodePort }] }),
      slice([on('a1', inZone('zone-a')), on('b1', inZone('zone-b'))]),
    ],
    dials: [dial('client', PRIMARY, at.nodePort, masked('a1'))],
  })),
  scenario('4.2-local-ignores-hints', 'policy Local looks at nodes and not at hints', at => ({
    set: [
      service(at.clusterIP, { internalTrafficPolicy: 'Local' }),
      slice([on('a1', inZone('zone-b')), on('b1', inZone('zone-a'))]),
    ],
    dials: [dial('a3', at.clusterIP, 80, kept('a1'))],
  })),
];
