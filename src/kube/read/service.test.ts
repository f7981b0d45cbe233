import { describe, expect, test } from 'vitest';
import type { IpFamily } from '../../net/index.ts';
import type { Service } from '../objects.ts';
import { type Fault, readObject } from './index.ts';

type Values = Record<string, unknown>;

function outcomeOf(
  spec: unknown,
  { metadata = {}, primaryFamily = 'IPv4' as IpFamily, ...rest }: Values & { primaryFamily?: IpFamily } = {},
) {
  const value = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', ...asValues(metadata) }, spec, ...rest };
  return readObject(value, { primaryFamily, defaultNamespace: 'default' });
}

function asValues(value: unknown): Values {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function service(spec: unknown, options: Parameters<typeof outcomeOf>[1] = {}): Service {
  const outcome = outcomeOf(spec, options);
  if (outcome.status === 'read' && outcome.object.kind === 'Service') return outcome.object;
  throw new Error(JSON.stringify(outcome));
}

function faults(spec: unknown, options: Parameters<typeof outcomeOf>[1] = {}): readonly Fault[] {
  const outcome = outcomeOf(spec, options);
  return outcome.status === 'rejected' ? outcome.faults : [];
}

function notes(spec: unknown, options: Parameters<typeof outcomeOf>[1] = {}): readonly Fault[] {
  const outcome = outcomeOf(spec, options);
  return outcome.status === 'skipped' ? [] : outcome.notes;
}

const fieldsOf = (found: readonly Fault[]): readonly string[] => found.map(({ field }) => field);
const ports = (...list: Values[]): Values => ({ ports: list });

describe('defaults of a Service', () => {
  test('fills in the smallest Service', () => {
    expect(service(ports({ port: 80 }))).toEqual({
      kind: 'Service',
      meta: { name: 'web', namespace: 'default', labels: {}, annotations: {}, owners: [] },
      type: 'ClusterIP',
      ports: [{ name: '', protocol: 'TCP', port: 80, targetPort: 80 }],
      headless: false,
      clusterIPs: [],
      ipFamilies: ['IPv4'],
      externalIPs: [],
      internalTrafficPolicy: 'Cluster',
      externalTrafficPolicy: 'Cluster',
      publishNotReadyAddresses: false,
      loadBalancerSourceRanges: [],
      loadBalancerIngress: [],
    });
  });

  test.each([
    ['absent', {}, 80],
    ['null', { targetPort: null }, 80],
    ['0', { targetPort: 0 }, 80],
    ['empty', { targetPort: '' }, 80],
    ['a number', { targetPort: 8080 }, 8080],
    ['a name', { targetPort: 'http' }, 'http'],
  ])('targetPort %s', (_what, port, expected) => {
    expect(service(ports({ port: 80, ...port })).ports[0]?.targetPort).toBe(expected);
  });

  test.each([
    ['None, with a config', { sessionAffinityConfig: { clientIP: { timeoutSeconds: 5 } } }, undefined],
    ['ClientIP', { sessionAffinity: 'ClientIP' }, 10_800],
    [
      'ClientIP of 60 s',
      { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } } },
      60,
    ],
  ])('affinity %s', (_what, spec, seconds) => {
    expect(service({ ...ports({ port: 80 }), ...spec }).affinityTimeoutSeconds).toBe(seconds);
  });

  test('an ExternalName has no families and keeps its ports', () => {
    const external = service({ type: 'ExternalName', externalName: 'db.example.com.', ...ports({ port: 80 }) });
    expect(external).toMatchObject({ externalName: 'db.example.com.', ipFamilies: [], clusterIPs: [] });
    expect(external.ports).toHaveLength(1);
  });

  test('a status is read leniently', () => {
    const ingress = [{ ip: '2001:DB8::1' }, { hostname: 'lb', ipMode: 'Proxy' }, { ip: 'x' }, {}];
    expect(
      service({ type: 'LoadBalancer', ...ports({ port: 80 }) }, { status: { loadBalancer: { ingress } } }),
    ).toMatchObject({
      loadBalancerIngress: [
        { ip: '2001:db8::1', ipMode: 'VIP' },
        { hostname: 'lb', ipMode: 'Proxy' },
      ],
    });
  });

  test('addresses and ranges of a stored Service are canonical, however they are written', () => {
    const spec = {
      type: 'LoadBalancer',
      ...ports({ port: 80 }),
      externalIPs: ['2001:DB8:0::1', '010.0.0.1'],
      loadBalancerSourceRanges: [' 10.1.2.3/8 ', '::ffff:192.0.2.0/120'],
    };
    expect(service(spec, { metadata: { uid: 'stored' } })).toMatchObject({
      externalIPs: ['2001:db8::1', '10.0.0.1'],
      loadBalancerSourceRanges: [
        { family: 'IPv4', network: '10.0.0.0', prefix: 8 },
        { family: 'IPv4', network: '192.0.2.0', prefix: 24 },
      ],
    });
  });
});

describe('families and cluster IPs', () => {
  test.each<[string, Values, readonly IpFamily[], readonly string[]]>([
    ['nothing', {}, ['IPv4'], []],
    ['PreferDualStack', { ipFamilyPolicy: 'PreferDualStack' }, ['IPv4', 'IPv6'], []],
    ['RequireDualStack over IPv6', { ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6'] }, ['IPv6', 'IPv4'], []],
    ['IPv6 alone', { ipFamilies: ['IPv6'] }, ['IPv6'], []],
    ['an IPv6 address', { clusterIP: 'FD00::5' }, ['IPv6'], ['fd00::5']],
    [
      'an address and a policy',
      { clusterIP: '10.0.0.5', ipFamilyPolicy: 'PreferDualStack' },
      ['IPv4', 'IPv6'],
      ['10.0.0.5'],
    ],
    [
      'two addresses',
      { clusterIP: '10.0.0.5', clusterIPs: ['10.0.0.5', 'fd00::5'], ipFamilyPolicy: 'PreferDualStack' },
      ['IPv4', 'IPv6'],
      ['10.0.0.5', 'fd00::5'],
    ],
    ['headless with a selector', { clusterIP: 'None', selector: { a: 'b' } }, ['IPv4'], []],
    ['headless without one', { clusterIP: 'None' }, ['IPv4', 'IPv6'], []],
    ['headless without one, SingleStack', { clusterIP: 'None', ipFamilyPolicy: 'SingleStack' }, ['IPv4'], []],
  ])('%s', (_what, spec, families, clusterIPs) => {
    expect(service({ ...ports({ port: 80 }), ...spec })).toMatchObject({ ipFamilies: families, clusterIPs });
  });

  test('the primary family is that of the options', () => {
    const spec = { ...ports({ port: 80 }), ipFamilyPolicy: 'PreferDualStack' };
    expect(service(spec, { primaryFamily: 'IPv6' }).ipFamilies).toEqual(['IPv6', 'IPv4']);
  });

  test('keeps the families that a single-stack cluster has allocated', () => {
    const spec = {
      ...ports({ port: 80 }),
      clusterIP: '10.0.0.5',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'PreferDualStack',
    };
    expect(service(spec, { metadata: { uid: 'u' } }).ipFamilies).toEqual(['IPv4']);
  });
});

describe('rejects, with the field that the API names,', () => {
  test.each<[string, unknown, readonly string[]]>([
    ['no ports', {}, ['spec.ports']],
    ['a port without a number', ports({}), ['spec.ports[0].port']],
    ['a port in quotes', ports({ port: '80' }), ['spec.ports[0].port']],
    ['a port of 0', ports({ port: 0 }), ['spec.ports[0].port']],
    ['a target port in quotes', ports({ port: 80, targetPort: '8080' }), ['spec.ports[0].targetPort']],
    ['a target port with a fraction', ports({ port: 80, targetPort: 80.5 }), ['spec.ports[0].targetPort']],
    ['a protocol in lower case', ports({ port: 80, protocol: 'tcp' }), ['spec.ports[0].protocol']],
    ['two ports without names', ports({ port: 80 }, { port: 81 }), ['spec.ports[0].name', 'spec.ports[1].name']],
    ['a name twice', ports({ port: 80, name: 'a' }, { port: 81, name: 'a' }), ['spec.ports[1].name']],
    ['a port twice', ports({ port: 80, name: 'a' }, { port: 80, name: 'b' }), ['spec.ports[1]']],
    ['a node port on ClusterIP', ports({ port: 80, nodePort: 30_080 }), ['spec.ports[0].nodePort']],
    ['ports that are a mapping', { ports: { port: 80 } }, ['spec.ports']],
    ['a port that is text', { ports: ['80'] }, ['spec.ports[0]']],
    ['a spec that is text', 'x', ['spec']],
    ['a selector with a number', { ...ports({ port: 80 }), selector: { app: 1 } }, ['spec.selector']],
    ['a headless NodePort', { ...ports({ port: 80 }), type: 'NodePort', clusterIP: 'None' }, ['spec.clusterIPs[0]']],
    ['clusterIPs alone', { ...ports({ port: 80 }), clusterIPs: ['10.0.0.1'] }, ['spec.clusterIPs']],
    ['two families, no policy', { ...ports({ port: 80 }), ipFamilies: ['IPv4', 'IPv6'] }, ['spec.ipFamilyPolicy']],
    [
      'a policy for the outside',
      { ...ports({ port: 80 }), externalTrafficPolicy: 'Local' },
      ['spec.externalTrafficPolicy'],
    ],
    ['a loopback external IP', { ...ports({ port: 80 }), externalIPs: ['127.0.0.1'] }, ['spec.externalIPs[0]']],
    [
      'source ranges',
      { ...ports({ port: 80 }), loadBalancerSourceRanges: ['10.0.0.0/8'] },
      ['spec.loadBalancerSourceRanges'],
    ],
    ['an address with leading zeros', { ...ports({ port: 80 }), externalIPs: ['010.0.0.1'] }, ['spec.externalIPs[0]']],
    ['an IPv4-mapped address', { ...ports({ port: 80 }), clusterIP: '::ffff:10.0.0.1' }, ['spec.clusterIPs[0]']],
    [
      'ranges with leading zeros, IPv4-mapped, or with bits beyond the prefix length',
      {
        ...ports({ port: 80 }),
        type: 'LoadBalancer',
        loadBalancerSourceRanges: ['10.0.0.0/08', '010.0.0.0/8', '::ffff:10.0.0.0/104', '10.1.2.3/8', ' 10.0.0.0/8 '],
      },
      [0, 1, 2, 3].map(index => `spec.loadBalancerSourceRanges[${index}]`),
    ],
    ['an ExternalName without a name', { type: 'ExternalName' }, ['spec.externalName']],
    ['an unknown distribution', { ...ports({ port: 80 }), trafficDistribution: 'Near' }, ['spec.trafficDistribution']],
  ])('%s', (_what, spec, fields) => {
    expect(fieldsOf(faults(spec))).toEqual(fields);
  });

  test.each<[string, Values[], readonly string[]]>([
    ['one for two protocols of one port', [{}, { protocol: 'UDP' }], []],
    ['one for two ports', [{}, { port: 81 }], ['spec.ports[1].nodePort']],
    ['one for two ports of two protocols', [{}, { port: 81, protocol: 'UDP' }], ['spec.ports[1].nodePort']],
  ])('node ports: %s', (_what, list, fields) => {
    const all = list.map((port, index) => ({ name: `p${index}`, port: 80, nodePort: 30_080, ...port }));
    expect(fieldsOf(faults({ type: 'NodePort', ports: all }))).toEqual(fields);
  });

  test('reports all faults of an object at once, with its name', () => {
    expect(
      outcomeOf(ports({ port: '80', protocol: 'tcp' }), { metadata: { name: 'Web', namespace: 'shop' } }),
    ).toMatchObject({
      status: 'rejected',
      kind: 'Service',
      namespace: 'shop',
      name: 'Web',
      faults: [{ field: 'metadata.name' }, { field: 'spec.ports[0].protocol' }, { field: 'spec.ports[0].port' }],
    });
  });
});

describe('messages for', () => {
  test.each<[string, unknown, string, string]>([
    [
      'a number in quotes as a target port',
      ports({ port: 80, targetPort: '8080' }),
      '"8080" is text, so it is read as the name of a container port, and a name must contain at least one letter (a-z)',
      'write targetPort: 8080, without quotes, for port number 8080',
    ],
    [
      'a number in quotes as a port',
      ports({ port: '80' }),
      '"80" is text, but must be a whole number',
      'write port: 80, without quotes',
    ],
    [
      'a number as a label',
      { ...ports({ port: 80 }), selector: { version: 2 } },
      'version: 2 is a whole number, but must be text',
      'put it in quotes: version: "2"',
    ],
    [
      'a word in the wrong case',
      { ...ports({ port: 80 }), type: 'nodeport' },
      '"nodeport" is not one of ClusterIP, NodePort, LoadBalancer or ExternalName',
      'write NodePort; case matters',
    ],
  ])('%s', (_what, spec, why, fix) => {
    expect(faults(spec)).toEqual([expect.objectContaining({ why, fix })]);
  });
});

describe('accepts with a note', () => {
  test.each<[string, unknown, Parameters<typeof outcomeOf>[1], string, string]>([
    [
      'a field in the wrong case',
      ports({ port: 80, targetport: 8080 }),
      {},
      'spec.ports[0].targetport',
      'write targetPort',
    ],
    ['a field with "_"', ports({ port: 80, target_port: 8080 }), {}, 'spec.ports[0].target_port', 'write targetPort'],
    ['a field in the wrong place', { ...ports({ port: 80 }), selektor: {} }, {}, 'spec.selektor', 'write selector'],
    [
      'a node port out of the usual range',
      { type: 'NodePort', ...ports({ port: 80, nodePort: 80 }) },
      {},
      'spec.ports[0].nodePort',
      'choose one in this range if the manifest is also for such a cluster',
    ],
    [
      'a name that starts with a digit',
      ports({ port: 80 }),
      { metadata: { name: '1a' } },
      'metadata.name',
      'start the name with a letter if the manifest is also for such a cluster',
    ],
  ])('%s', (_what, spec, options, field, fix) => {
    expect(notes(spec, options)).toEqual([expect.objectContaining({ field, fix })]);
    expect(faults(spec, options)).toEqual([]);
  });

  test('has no notes about an object from a control plane', () => {
    expect(notes({ ...ports({ port: 80 }), fromANewerVersion: 1 }, { metadata: { uid: 'u' } })).toEqual([]);
  });
});
