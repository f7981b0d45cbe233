import { describe, expect, test } from 'vitest';
import { type ReadOutcome, readObject } from './index.ts';

type Values = Record<string, unknown>;

const OPTIONS = { primaryFamily: 'IPv4', defaultNamespace: 'default' } as const;

function slice(values: Values): ReadOutcome {
  const base = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1' },
    addressType: 'IPv4',
  };
  return readObject({ ...base, ...values }, OPTIONS);
}

function endpoints(subset: Values): ReadOutcome {
  return readObject({ apiVersion: 'v1', kind: 'Endpoints', metadata: { name: 'web' }, subsets: [subset] }, OPTIONS);
}

function fields(outcome: ReadOutcome): readonly string[] {
  return outcome.status === 'rejected' ? outcome.faults.map(({ field }) => field) : [];
}

describe('EndpointSlices', () => {
  test.each<[string, unknown, Values]>([
    ['no conditions', undefined, { ready: true, serving: true, terminating: false }],
    ['empty ones', { ready: null }, { ready: true, serving: true, terminating: false }],
    ['not ready, nothing else', { ready: false }, { ready: false, serving: true, terminating: false }],
    [
      'terminating',
      { ready: false, serving: true, terminating: true },
      { ready: false, serving: true, terminating: true },
    ],
  ])('conditions: %s', (_what, conditions, expected) => {
    const outcome = slice({ endpoints: [{ addresses: ['10.0.0.1'], conditions }] });
    expect(outcome).toMatchObject({ object: { endpoints: [expected] } });
  });

  test('ports have the defaults of the API: no name is "", no protocol is TCP', () => {
    expect(slice({ ports: [{ port: 80 }, { name: 'dns', protocol: 'UDP' }] })).toMatchObject({
      object: {
        ports: [
          { name: '', protocol: 'TCP', port: 80 },
          { name: 'dns', protocol: 'UDP' },
        ],
      },
    });
  });

  test('hints and references', () => {
    const endpoint = {
      addresses: ['10.0.0.1'],
      hostname: 'web-0',
      nodeName: 'n1',
      zone: 'a',
      hints: { forZones: [{ name: 'a' }], forNodes: [{ name: 'n1' }] },
      targetRef: { kind: 'Pod', namespace: 'default', name: 'web-0' },
    };
    expect(slice({ endpoints: [endpoint] })).toMatchObject({
      notes: [],
      object: { endpoints: [{ hostname: 'web-0', nodeName: 'n1', zone: 'a', forZones: ['a'], forNodes: ['n1'] }] },
    });
  });

  test('a number that is not a port is ignored with a note, since the API accepts it', () => {
    expect(slice({ ports: [{ port: 70_000 }] })).toMatchObject({
      status: 'read',
      object: { ports: [{ name: '', protocol: 'TCP' }] },
      notes: [{ field: 'ports[0].port' }],
    });
  });

  test('accepts an endpoint on loopback with a note', () => {
    const outcome = slice({ endpoints: [{ addresses: ['127.0.0.1'] }] });
    expect(outcome).toMatchObject({ status: 'read', notes: [{ field: 'endpoints[0].addresses[0]' }] });
  });

  test.each<[string, Values, readonly string[]]>([
    ['no address type', { addressType: undefined }, ['addressType']],
    ['an endpoint without addresses', { endpoints: [{}] }, ['endpoints[0].addresses']],
    ['an address of the other family', { endpoints: [{ addresses: ['fd00::1'] }] }, ['endpoints[0].addresses[0]']],
    [
      'IPv6 in upper case',
      { addressType: 'IPv6', endpoints: [{ addresses: ['FD00::1'] }] },
      ['endpoints[0].addresses[0]'],
    ],
    ['a short host name', { addressType: 'FQDN', endpoints: [{ addresses: ['db'] }] }, ['endpoints[0].addresses[0]']],
    ['two ports without names', { ports: [{ port: 80 }, { port: 81 }] }, ['ports[1].name']],
    ['a port in quotes', { ports: [{ port: '80' }] }, ['ports[0].port']],
    [
      'a condition in quotes',
      { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: 'true' } }] },
      ['endpoints[0].conditions.ready'],
    ],
    ['an address with leading zeros', { endpoints: [{ addresses: ['010.0.0.1'] }] }, ['endpoints[0].addresses[0]']],
  ])('rejects %s', (_what, values, expected) => {
    expect(fields(slice(values))).toEqual(expected);
  });
});

describe('Endpoints', () => {
  test('are read with their defaults', () => {
    const subset = {
      addresses: [{ ip: '10.0.0.1' }],
      notReadyAddresses: [{ ip: '10.0.0.2', nodeName: 'n1' }],
      ports: [{ port: 80 }],
    };
    expect(endpoints(subset)).toMatchObject({
      object: {
        subsets: [
          {
            addresses: [{ ip: '10.0.0.1' }],
            notReadyAddresses: [{ ip: '10.0.0.2', nodeName: 'n1' }],
            ports: [{ name: '', port: 80, protocol: 'TCP' }],
          },
        ],
      },
    });
  });

  test.each<[string, Values, readonly string[]]>([
    ['no addresses', { ports: [{ port: 80 }] }, ['subsets[0]']],
    ['an invalid address', { addresses: [{ ip: 'x' }] }, ['subsets[0].addresses[0].ip']],
    ['an address with leading zeros', { addresses: [{ ip: '010.0.0.1' }] }, ['subsets[0].addresses[0].ip']],
    [
      'two ports, one without a name',
      { addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }, { port: 81, name: 'b' }] },
      ['subsets[0].ports[0].name'],
    ],
  ])('rejects %s', (_what, subset, expected) => {
    expect(fields(endpoints(subset))).toEqual(expected);
  });
});
