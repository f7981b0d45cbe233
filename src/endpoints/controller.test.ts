import { describe, expect, test } from 'vitest';
import { objects, pod } from '../../test/support/objects.ts';
import type { EndpointSlice, Pod, Service } from '../kube/index.ts';
import { makeSlices, type Nodes } from './controller.ts';

const NO_NODES: Nodes = { hasNodes: false, node: () => undefined };

function made(yaml: string, nodes: Nodes = NO_NODES) {
  const all = objects(yaml);
  const service = all.find((object): object is Service => object.kind === 'Service');
  const pods = all.filter((object): object is Pod => object.kind === 'Pod');
  if (service === undefined) throw new Error('the test needs a Service');
  return makeSlices(service, pods, nodes);
}

/** `10.0.0.1:8080+` ready, `-` not ready, `~` terminating; `s` if it serves. */
function shown(slices: readonly EndpointSlice[]): string[] {
  return slices.flatMap(slice =>
    slice.endpoints.map(endpoint => {
      const ports = slice.ports.map(port => `${port.name}=${port.port}`).join(',');
      const state = endpoint.terminating ? '~' : endpoint.ready ? '+' : '-';
      return `${endpoint.addresses[0]} ${ports} ${state}${endpoint.serving ? 's' : ''}`;
    }),
  );
}

const WEB = `
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http }] }
---
`;
const HTTP = '[{ name: http, containerPort: 8080 }]';

describe('which pods are endpoints', () => {
  const cases: [name: string, yaml: string, expected: string[]][] = [
    ['a ready pod', pod({ name: 'a', ip: '10.0.0.1', ports: HTTP }), ['10.0.0.1 http=8080 +s']],
    [
      'a pod that is not ready',
      pod({ name: 'a', ip: '10.0.0.1', ports: HTTP, ready: false }),
      ['10.0.0.1 http=8080 -'],
    ],
    [
      'a terminating pod that still serves',
      pod({ name: 'a', ip: '10.0.0.1', ports: HTTP, terminating: true }),
      ['10.0.0.1 http=8080 ~s'],
    ],
    ['a pod that has succeeded', pod({ name: 'a', ip: '10.0.0.1', ports: HTTP, phase: 'Succeeded' }), []],
    ['a pod that has failed', pod({ name: 'a', ip: '10.0.0.1', ports: HTTP, phase: 'Failed' }), []],
    ['a pod without an address', pod({ name: 'a', ports: HTTP }), []],
    [
      'a name that two pods resolve to different numbers makes two slices',
      pod({ name: 'a', ip: '10.0.0.1', ports: HTTP }) +
        pod({ name: 'b', ip: '10.0.0.2', ports: '[{ name: http, containerPort: 9090 }]' }),
      ['10.0.0.1 http=8080 +s', '10.0.0.2 http=9090 +s'],
    ],
    [
      'a port name that the pod lacks: the endpoint has no port',
      pod({ name: 'a', ip: '10.0.0.1', ports: '[{ name: web, containerPort: 8080 }]' }),
      ['10.0.0.1  +s'],
    ],
    [
      'the same name with another protocol does not match',
      pod({ name: 'a', ip: '10.0.0.1', ports: '[{ name: http, containerPort: 8080, protocol: UDP }]' }),
      ['10.0.0.1  +s'],
    ],
    [
      'a sidecar (restartable init container) has the port',
      pod({
        name: 'a',
        ip: '10.0.0.1',
        extra:
          'initContainers: [{ name: side, image: none, restartPolicy: Always, ports: [{ name: http, containerPort: 7 }] }]',
      }),
      ['10.0.0.1 http=7 +s'],
    ],
    [
      'an ordinary init container does not count',
      pod({
        name: 'a',
        ip: '10.0.0.1',
        extra: 'initContainers: [{ name: init, image: none, ports: [{ name: http, containerPort: 7 }] }]',
      }),
      ['10.0.0.1  +s'],
    ],
  ];
  test.each(cases)('%s', (_name, yaml, expected) => {
    expect(shown(made(WEB + yaml).slices)).toEqual(expected);
  });
});

test('publishNotReadyAddresses makes unready pods ready, including terminating ones', () => {
  const service = WEB.replace('selector:', 'publishNotReadyAddresses: true, selector:');
  const pods =
    pod({ name: 'a', ip: '10.0.0.1', ports: HTTP, ready: false }) +
    pod({ name: 'b', ip: '10.0.0.2', ports: HTTP, terminating: true });
  expect(made(service + pods).slices[0]?.endpoints.map(e => [e.ready, e.serving, e.terminating])).toEqual([
    [true, false, false],
    [true, true, true],
  ]);
});

test('a numeric targetPort needs no declared port; targetPort defaults to port', () => {
  const service = WEB.replace(', targetPort: http', '');
  expect(shown(made(service + pod({ name: 'a', ip: '10.0.0.1' })).slices)).toEqual(['10.0.0.1 http=80 +s']);
});

test('a Service that selects no pod has one placeholder slice for each family', () => {
  const { slices } = made(WEB.replace('selector:', 'ipFamilyPolicy: RequireDualStack, selector:'));
  expect(slices.map(slice => [slice.addressType, slice.ports.length, slice.endpoints.length])).toEqual([
    ['IPv4', 0, 0],
    ['IPv6', 0, 0],
  ]);
});

test('a slice has at most 100 endpoints', () => {
  const pods = Array.from({ length: 205 }, (_, i) =>
    pod({ name: `p${i}`, ip: `10.0.${i >> 8}.${i & 255}`, ports: HTTP }),
  );
  expect(made(WEB + pods.join('')).slices.map(slice => slice.endpoints.length)).toEqual([100, 100, 5]);
});

test('a pod on a node that does not exist is skipped unless publishNotReadyAddresses is set', () => {
  const nodes: Nodes = { hasNodes: true, node: () => undefined };
  const yaml = WEB + pod({ name: 'a', ip: '10.0.0.1', ports: HTTP, node: 'gone' });
  expect(shown(made(yaml, nodes).slices)).toEqual([]);
  expect(made(yaml, nodes).skippedPods[0]).toMatchObject({ pod: 'default/a', reason: 'node-missing' });
  const published = yaml.replace('selector:', 'publishNotReadyAddresses: true, selector:');
  expect(shown(made(published, nodes).slices)).toEqual(['10.0.0.1 http=8080 +s']);
});

test('a skipped pod has a code and the facts of its reason, and no sentence', () => {
  const { skippedPods } = made(WEB + pod({ name: 'a', ip: '10.0.0.1', ports: '[{ name: web, containerPort: 8080 }]' }));
  expect(skippedPods).toEqual([
    {
      pod: 'default/a',
      reason: 'port-name-missing',
      portName: 'http',
      protocol: 'TCP',
      wanted: 'http',
      declared: [{ name: 'web', containerPort: 8080, protocol: 'TCP' }],
    },
  ]);
});
