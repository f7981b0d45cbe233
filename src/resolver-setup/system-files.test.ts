import { describe, expect, test } from 'vitest';
import { dropIns, mainDns, resolvectlLinks, systemdVersion } from './managers.ts';
import { parseHostsSources } from './nsswitch.ts';
import { parseServer } from './server-address.ts';

describe('nsswitch.conf', () => {
  test.each([
    [undefined, ['files', 'dns']],
    ['passwd: files\n', ['files', 'dns']],
    ['hosts: files dns # as it was\n', ['files', 'dns']],
    [
      'hosts:\tmymachines resolve [!UNAVAIL=return] files myhostname dns',
      ['mymachines', 'resolve [!UNAVAIL=return]', 'files', 'myhostname', 'dns'],
    ],
    ['hosts: files mdns4_minimal [NOTFOUND=return] dns', ['files', 'mdns4_minimal [NOTFOUND=return]', 'dns']],
  ])('%s', (text, expected) => {
    expect(parseHostsSources(text).map(({ name, actions }) => `${name} ${actions}`.trim())).toEqual(expected);
  });
});

test.each([
  ['127.0.0.1', { address: '127.0.0.1', port: 53 }],
  ['127.0.0.1:1053', { address: '127.0.0.1', port: 1053 }],
  ['127.0.0.1#1053', { address: '127.0.0.1', port: 1053 }],
  ['::1', { address: '::1', port: 53 }],
  ['[::1]:1053', { address: '::1', port: 1053 }],
  ['::1#1053', { address: '::1', port: 1053 }],
  ['', undefined],
  ['localhost', undefined],
  ['300.0.0.1:53', undefined],
])('parses the server %s', (text, expected) => {
  expect(parseServer(text)).toEqual(expected);
});

test('accumulates the global servers of resolved, and an empty list resets them', () => {
  const files = [
    { path: '/etc/systemd/resolved.conf', text: '[Resolve]\n#DNS=8.8.8.8\nDNS=1.1.1.1\nFallbackDNS=9.9.9.9\n' },
    { path: '/etc/systemd/resolved.conf.d/a.conf', text: '[Resolve]\nDNS = 10.0.0.1 10.0.0.2\n' },
  ];
  expect(dropIns(files).map(({ servers }) => servers)).toEqual(['1.1.1.1', '10.0.0.1 10.0.0.2']);
  expect(dropIns([...files, { path: 'z.conf', text: 'DNS=\n' }])).toEqual([]);
});

test("reads NetworkManager's dns= in [main] only", () => {
  const text = '[main]\nplugins=keyfile\ndns=dnsmasq\n[device]\ndns=none\n';
  expect(mainDns([{ path: 'a', text }])).toBe('dnsmasq');
  expect(
    mainDns([
      { path: 'a', text },
      { path: 'b', text: '[main]\ndns=systemd-resolved\n' },
    ]),
  ).toBe('systemd-resolved');
  expect(mainDns([])).toBeUndefined();
});

test('parses the links of resolvectl, also on several lines', () => {
  const dns = 'Global:\nLink 2 (eth0): 10.0.0.1 10.0.0.2\n               10.0.0.3\nLink 3 (tun0): 10.8.0.1\n';
  const domain = 'Global: ~cluster.local\nLink 2 (eth0): lan\nLink 3 (tun0): ~. corp\n';
  expect(resolvectlLinks(dns, domain)).toEqual([
    { name: 'eth0', servers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'], domains: ['lan'] },
    { name: 'tun0', servers: ['10.8.0.1'], domains: ['~.', 'corp'] },
  ]);
  expect(resolvectlLinks('', '')).toEqual([]);
});

test('parses the version of systemd', () => {
  expect(systemdVersion('systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT\n')).toBe(252);
  expect(systemdVersion('')).toBeUndefined();
});
