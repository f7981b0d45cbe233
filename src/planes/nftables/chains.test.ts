import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ChainKind,
  type ChainSpec,
  chainName,
  chainNeeds,
  chainRules,
  parseChainName,
  stickyMark,
} from './chains.ts';
import { type LocalTraffic, resolveOptions } from './options.ts';
import { skeletonOf } from './skeleton.ts';

const KINDS: readonly ChainKind[] = ['cluster', 'external', 'local', 'near', 'outside'];
const POD = { kind: 'cidrs', cidrs: [{ family: 'IPv4', network: '10.0.0.0', prefix: 16 }] } as const;

const spec: fc.Arbitrary<ChainSpec> = fc.record({
  lookup: fc.constantFrom('service', 'node'),
  kind: fc.constantFrom(...KINDS),
  count: fc.integer({ min: 1, max: 65_535 }),
  sticky: fc.option(fc.integer({ min: 1, max: 86_400 }), { nil: undefined }),
});

function rules(kind: ChainKind, localTraffic: LocalTraffic, more: { masqueradeAll?: boolean; sticky?: number } = {}) {
  const { masqueradeAll = false, sticky } = more;
  const options = resolveOptions({ nodeAddresses: [], localTraffic, masqueradeAll });
  return chainRules('IPv4', { lookup: 'service', kind, count: 3, sticky }, options);
}

describe('chains', () => {
  it('can be parsed from their names', () => {
    fc.assert(
      fc.property(spec, chain => {
        expect(parseChainName(chainName(chain))).toEqual(chain);
      }),
    );
  });

  it('have names of a length that the kernel accepts', () => {
    fc.assert(fc.property(spec, chain => void expect(chainName(chain)).toMatch(/^[a-z][a-z0-9-]{1,60}$/)));
  });

  it.each([
    'services',
    'refuse',
    'nat-output',
    'service-cluster',
    'service-cluster-x',
    'service-cluster-1-sticky',
    'layout-1',
    'service-cluster-1 ',
  ])('a chain of another kind is none of them: %s', name => {
    expect(parseChainName(name)).toBeUndefined();
  });

  it('do not include the permanent chains of the table', () => {
    const { chains } = skeletonOf('IPv4', resolveOptions({ nodeAddresses: [] }));
    expect([...chains].filter(name => parseChainName(name) !== undefined)).toEqual([]);
  });

  it('depend on the chains that they jump to, and no others', () => {
    fc.assert(
      fc.property(spec, chain => {
        const options = resolveOptions({ nodeAddresses: [] });
        const goesTo = chainRules('IPv4', chain, options).flatMap(rule => /goto (\S+)$/.exec(rule)?.[1] ?? []);
        expect(new Set(goesTo)).toEqual(new Set(chainNeeds(chain).map(chainName)));
      }),
    );
  });

  it.each<[string, LocalTraffic, string | undefined]>([
    ['pods are not recognised', { kind: 'none' }, undefined],
    ['by their networks', POD, 'ip saddr != @pod_networks meta mark set meta mark | 0x4000'],
    [
      'by networks of the other family',
      { kind: 'cidrs', cidrs: [{ family: 'IPv6', network: 'fd00::', prefix: 8 }] },
      undefined,
    ],
    ['by the bridge', { kind: 'bridge', name: 'cni0' }, 'iifname != "cni0" meta mark set meta mark | 0x4000'],
    [
      'by the prefix of an interface',
      { kind: 'interfacePrefix', prefix: 'veth' },
      'iifname != "veth*" meta mark set meta mark | 0x4000',
    ],
    [
      'by an interface whose name is syntax',
      { kind: 'bridge', name: '"; flush ruleset; #' },
      'iifname != "flushruleset" meta mark set meta mark | 0x4000',
    ],
  ])('masquerade what pods of this node did not send to a cluster IP: %s', (_name, localTraffic, rule) => {
    const marking = rules('cluster', localTraffic).filter(line => line.includes('meta mark set'));
    expect(marking).toEqual(rule === undefined ? [] : [rule]);
  });

  it('masquerade connections to cluster IPs if the option is set, and to external frontends always', () => {
    const mark = 'meta mark set meta mark | 0x4000';
    expect(rules('cluster', POD, { masqueradeAll: true })[0]).toBe(mark);
    expect(rules('external', POD)[0]).toBe(mark);
  });

  it.each<[string, ChainKind]>([
    ['outside', 'outside'],
    ['inside', 'near'],
  ])('keep the address of sources %s, where traffic stays local', (_name, kind) => {
    expect(rules(kind, POD).join('\n')).not.toContain('meta mark');
  });

  it('have as many rules for 2 as for 60,000 endpoints', () => {
    const options = resolveOptions({ nodeAddresses: [] });
    for (const kind of KINDS) {
      const count = (endpoints: number) =>
        chainRules('IPv6', { lookup: 'node', kind, count: endpoints, sticky: 10 }, options).length;
      expect(count(60_000)).toBe(count(2));
    }
  });

  it('carry ids of endpoints in marks that begin with the byte of Switchboard', () => {
    expect([1, 0xabcdef, 0xffffff].map(stickyMark)).toEqual(['0x5b000001', '0x5babcdef', '0x5bffffff']);
  });
});

describe('options', () => {
  it.each([-1, 32, 1.5, Number.NaN])('rejects the mark bit %s', masqueradeBit => {
    expect(() => resolveOptions({ nodeAddresses: [], masqueradeBit })).toThrow(RangeError);
  });

  it.each([
    [0, '0x1', '0xfffffffe'],
    [7, '0x80', '0xffffff7f'],
    [31, '0x80000000', '0x7fffffff'],
  ])('bit %i is set and taken out by itself', (masqueradeBit, bit, others) => {
    const options = resolveOptions({ nodeAddresses: [], masqueradeBit });
    expect(skeletonOf('IPv4', options).text).toContain(
      `meta mark & ${bit} != 0 meta mark set meta mark & ${others} masq`,
    );
  });
});

describe('layout', () => {
  const marker = (options: Parameters<typeof resolveOptions>[0], family: 'IPv4' | 'IPv6' = 'IPv4') =>
    skeletonOf(family, resolveOptions(options)).marker;
  const base = { nodeAddresses: ['192.0.2.1'] };

  it.each([
    ['another mark bit', { ...base, masqueradeBit: 3 }],
    ['masquerading everything', { ...base, masqueradeAll: true }],
    ['another way to recognise pods', { ...base, localTraffic: { kind: 'bridge', name: 'cni0' } as const }],
    ['another name of the bridge', { ...base, localTraffic: { kind: 'bridge', name: 'cni1' } as const }],
    ['node ports everywhere', { ...base, nodePortAddresses: 'all' as const }],
  ])('a table of other options has another marker: %s', (_name, options) => {
    expect(marker(options)).not.toBe(marker(base));
    expect(marker(options)).toBe(marker(options));
  });

  it('does not depend on addresses, which are elements', () => {
    expect(marker({ nodeAddresses: ['192.0.2.9', '192.0.2.10'] })).toBe(marker(base));
  });

  it('names no protocol that needs /etc/protocols, and no object of a cluster', () => {
    const { text } = skeletonOf('IPv4', resolveOptions(base));
    expect(text).not.toMatch(/l4proto (tcp|udp|sctp)/);
    expect(text).not.toContain('192.0.2.1');
  });
});
