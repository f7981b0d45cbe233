import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { KUBEADM_CONFIG } from '../../test/support/kubeadm-config.ts';
import { readNodeConfig } from './config.ts';
import { CONFIG_FIELDS } from './config-fields.ts';
import { durationMs } from './duration.ts';

const HEAD = 'apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n';

describe('the configuration of kube-proxy', () => {
  it('of kubeadm: uses the cluster CIDR, and defaults for everything else', () => {
    expect(readNodeConfig(KUBEADM_CONFIG)).toMatchObject({
      kubeconfig: '/var/lib/kube-proxy/kubeconfig.conf',
      healthz: { address: '0.0.0.0', port: 10_256 },
      metrics: { address: '127.0.0.1', port: 10_249 },
      detectLocal: { mode: 'ClusterCIDR', cidrs: [{ network: '10.244.0.0', prefix: 16 }] },
      nodePortAddresses: 'primary',
      masqueradeBit: 14,
      minSyncPeriodMs: 0,
      oomScoreAdj: -999,
      conntrack: { maxPerCore: 32_768, min: 131_072, tcpEstablishedTimeoutMs: 86_400_000, udpTimeoutMs: undefined },
      warnings: ['logging.options has no effect: as logging.format'],
    });
  });

  it('warns about fields without effect, and lists feature gates', () => {
    const { warnings } = readNodeConfig(
      `${HEAD}featureGates: { NFTablesProxyMode: true }\nconfigSyncPeriod: 1m\nmode: ipvs\n`,
    );
    expect(warnings).toEqual([
      expect.stringContaining('featureGates (NFTablesProxyMode) has no effect'),
      expect.stringContaining('configSyncPeriod has no effect'),
      expect.stringContaining('mode: ipvs is not supported'),
    ]);
  });

  it('mode iptables: uses the masquerade fields of that mode', () => {
    const config = readNodeConfig(`${HEAD}mode: iptables\niptables: { masqueradeAll: true, masqueradeBit: 5 }\n`);
    expect(config).toMatchObject({ masqueradeAll: true, masqueradeBit: 5 });
    const flags = new Map<string, unknown>([['nftables.masqueradeAll', true]]);
    expect(readNodeConfig(`${HEAD}mode: iptables\n`, flags).masqueradeAll).toBe(true);
  });

  it('flags override the file, and an empty address switches a server off', () => {
    const flags = new Map<string, unknown>([
      ['clusterCIDR', '10.0.0.0/8,fd00::/16'],
      ['healthzBindAddress', ''],
      ['nodePortAddresses', '192.0.2.0/24,fd00::/64'],
    ]);
    expect(readNodeConfig(KUBEADM_CONFIG, flags)).toMatchObject({
      healthz: undefined,
      detectLocal: { cidrs: [{ family: 'IPv4' }, { family: 'IPv6' }] },
      nodePortAddresses: [{ network: '192.0.2.0' }, { family: 'IPv6' }],
    });
  });

  test.each([
    ['a field that kube-proxy does not know', 'clusterCidr: 10.0.0.0/8', /clusterCidr.*no such field/],
    [
      'another kind',
      'kind: KubeletConfiguration',
      /the apiVersion "kubelet.*" and the kind "KubeletConfiguration": it must be apiVersion: kubeproxy/,
    ],
    ['Windows', 'mode: kernelspace', /mode.*nftables/],
    ['a Windows service', 'windowsRunAsService: true', /windowsRunAsService.*Windows/],
    ['an invalid range', 'clusterCIDR: 10.0.0.0/33', /clusterCIDR.*10\.0\.0\.0\/33/],
    ['a mark bit out of range', 'nftables: { masqueradeBit: 32 }', /masqueradeBit.*0 to 31/],
    ['a mode without a field that it needs', 'detectLocalMode: BridgeInterface', /bridgeInterface.*needs it/],
    [
      'an invalid interface name',
      'detectLocalMode: InterfaceNamePrefix\ndetectLocal: { interfaceNamePrefix: "a\\"; flush ruleset" }',
      /interfaceNamePrefix.*not a valid interface name/,
    ],
    ['an invalid duration', 'nftables: { minSyncPeriod: soon }', /minSyncPeriod.*30s/],
    ['an invalid address', 'metricsBindAddress: "localhost:1"', /metricsBindAddress.*ADDRESS:PORT/],
  ])('rejects %s, with the field and the fix', (_, text, message) => {
    const head = text.startsWith('kind:') ? 'apiVersion: kubelet.config.k8s.io/v1beta1\n' : HEAD;
    expect(() => readNodeConfig(`${head}${text}\n`)).toThrow(message);
  });

  it('docs/kube-proxy-compat.md has a line for every field, and no others', () => {
    const page = readFileSync(new URL('../../docs/kube-proxy-compat.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([^`/]+)` \| (honoured|noted|refused) \| (.*) \|$/gm)].map(row =>
      row.slice(1),
    );
    expect(rows).toEqual(CONFIG_FIELDS.map(({ path, treatment, what }) => [path, treatment, what]));
  });
});

test.each([
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['1.5s', 1_500],
  ['0', 0],
  ['5', undefined],
  ['1d', undefined],
])('duration %s', (text, ms) => expect(durationMs(text)).toBe(ms));

test('a configuration without apiVersion is named as one without, not as undefined', () => {
  expect(() => readNodeConfig('kind: Foo\n', new Map())).toThrow('--config has no apiVersion and the kind "Foo"');
});
