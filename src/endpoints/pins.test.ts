import { describe, expect, test } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import type { EndpointSlice, Pod } from '../kube/index.ts';
import { applyPins, PIN, pinnedPort, pinnedSlice } from './pins.ts';

const WEB = { namespace: 'shop', name: 'web' };
const HTTP = { name: 'http', protocol: 'TCP' } as const;

function sliceOf(name: string, ports: EndpointSlice['ports']): EndpointSlice {
  return {
    kind: 'EndpointSlice',
    meta: { name, namespace: 'shop', labels: {}, annotations: {}, owners: [] },
    addressType: 'IPv4',
    ports,
    endpoints: [],
  };
}

describe('a pinned slice', () => {
  test('belongs to the Service and has one ready endpoint', () => {
    const [slice] = pinnedSlice(WEB, HTTP, [{ address: '127.0.0.1', port: 3000 }]);
    expect(slice).toMatchObject({
      meta: { namespace: 'shop', labels: { 'kubernetes.io/service-name': 'web', [PIN]: 'true' } },
      addressType: 'IPv4',
      ports: [{ name: 'http', protocol: 'TCP', port: 3000 }],
      endpoints: [{ addresses: ['127.0.0.1'], ready: true, serving: true, terminating: false }],
    });
  });

  test('is made for each endpoint, with a unique name, in the family of the address', () => {
    const slices = pinnedSlice(WEB, { name: '', protocol: 'UDP' }, [
      { address: '127.0.0.1', port: 1 },
      { address: '::1', port: 2 },
    ]);
    expect(slices.map(slice => [slice.meta.name, slice.addressType])).toEqual([
      ['web-port-pinned-0', 'IPv4'],
      ['web-port-pinned-1', 'IPv6'],
    ]);
  });

  test('is not made without an endpoint', () => {
    expect(pinnedSlice(WEB, HTTP, [])).toEqual([]);
  });
});

describe('pinned ports', () => {
  const pinned = pinnedSlice(WEB, HTTP, [{ address: '127.0.0.1', port: 3000 }]);

  test('have only their own endpoints, and other ports are unchanged', () => {
    const others = [
      sliceOf('a', [
        { ...HTTP, port: 80 },
        { name: 'metrics', protocol: 'TCP', port: 90 },
      ]),
      sliceOf('b', [{ name: 'http', protocol: 'UDP', port: 80 }]),
    ];
    const applied = applyPins([...others, ...pinned]);
    expect(applied.map(slice => slice.ports.map(port => `${port.name}/${port.protocol}:${port.port}`))).toEqual([
      ['http/TCP:3000'],
      ['metrics/TCP:90'],
      ['http/UDP:80'],
    ]);
  });

  test('without pins, the same slices are returned', () => {
    const slices = [sliceOf('a', [{ ...HTTP, port: 80 }])];
    expect(applyPins(slices)).toBe(slices);
  });
});

test.each([
  ['has no number from the user', '{}', undefined],
  ['has a number from the user', `{ "${PIN}": "3000" }`, 3000],
])('a pod that %s', (_what, annotations, expected) => {
  const [pod] = objects(
    `apiVersion: v1\nkind: Pod\nmetadata: { name: web, annotations: ${annotations} }\nspec: { containers: [{ name: web, image: none }] }\n`,
  );
  expect(pinnedPort(pod as Pod)).toBe(expected);
});
