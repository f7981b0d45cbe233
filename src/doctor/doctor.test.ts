/**
 * Diagnoses names on systems in various states, with real files and real servers on loopback.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { closeServers, look, type Scene, table } from '../../test/support/name-scene.ts';
import { findingsOf } from './findings/index.ts';
import { type Diagnosis, diagnosisText } from './report.ts';

const WEB = 'web.shop.svc.cluster.local';
const AT = '127.1.2.3';

afterEach(closeServers);

const resolvConf = (...lines: string[]) => ({ 'etc/resolv.conf': `${lines.join('\n')}\n` });
const rule = (port: number) => ({
  'etc/dnsmasq.d/switchboard.conf': `# switchboard: made by "switchboard dns install", removed by "switchboard dns uninstall"\nserver=/cluster.local/127.0.0.1#${port}\n`,
});
const ids = ({ findings }: Diagnosis) => findings.map(({ id, level }) => `${level} ${id}`);

describe('a name resolves', () => {
  test('by a server of resolv.conf', async () => {
    const found = await look(WEB, {
      files: resolvConf('nameserver 127.0.0.7'),
      servers: { '127.0.0.7': table({ [WEB]: AT }) },
      own: { [WEB]: AT },
      system: { [WEB]: AT },
    });
    expect(found.verdict).toBe(`${WEB} resolves to ${AT}, by 127.0.0.7 (resolv.conf)`);
    expect(ids(found)).toEqual([]);
  });

  test('by the hosts file, without a DNS server', async () => {
    const block = `# switchboard: begin manifests\n${AT} ${WEB} web.shop\n# switchboard: end\n`;
    const found = await look('web.shop', { files: { 'etc/hosts': block }, system: { 'web.shop': AT } });
    expect(found.verdict).toBe(`web.shop resolves to ${AT}, by the hosts file`);
    expect(ids(found)).toEqual(['note no-server']);
  });

  test('through the search list, and the report names the full name', async () => {
    const found = await look('web', {
      files: resolvConf('nameserver 127.0.0.7', 'search shop.svc.cluster.local lan', 'options ndots:5'),
      servers: { '127.0.0.7': table({ [WEB]: AT }) },
      system: { web: AT },
    });
    expect(diagnosisText(found)).toMatch(
      /^ {2}127\.0\.0\.7 \(resolv\.conf\) +127\.1\.2\.3, as web\.shop\.svc\.cluster\.local$/m,
    );
    expect(ids(found)).toEqual(['note no-server']);
  });

  test('after all names that ndots adds', async () => {
    const found = await look('example.org', {
      files: resolvConf('nameserver 127.0.0.7', 'search a.lan b.lan', 'options ndots:5'),
      servers: { '127.0.0.7': table({ 'example.org': '192.0.2.1' }) },
      own: {},
      system: { 'example.org': '192.0.2.1' },
    });
    expect(found.findings).toMatchObject([{ id: 'ndots', says: expect.stringContaining('is queried as 3 names') }]);
  });
});

describe('a name does not resolve, or to a wrong address', () => {
  test.each<[string, string, Scene, string, string[]]>([
    [
      'nothing runs',
      WEB,
      { files: resolvConf('nameserver 127.0.0.7'), servers: { '127.0.0.7': table({}) } },
      "Switchboard's DNS server for cluster.local is not running",
      ['problem no-server'],
    ],
    [
      'the system is not set up',
      WEB,
      { files: resolvConf('nameserver 127.0.0.7'), servers: { '127.0.0.7': table({}) }, own: { [WEB]: AT } },
      `Switchboard's server knows ${WEB}, but the system does not ask it`,
      ['problem not-installed'],
    ],
    [
      'a short name whose full name works',
      'web.shop',
      { files: resolvConf('search lan'), own: { [WEB]: AT }, system: { [WEB]: AT } },
      `web.shop is short for ${WEB}, and the search list (lan) has no svc.cluster.local`,
      ['problem short-name'],
    ],
    [
      'a short name with too many dots for musl',
      'web.shop',
      {
        files: { ...resolvConf('search svc.cluster.local'), 'lib/ld-musl-x86_64.so.1': '' },
        own: { [WEB]: AT },
        system: { [WEB]: AT },
      },
      'it has at least 1 dot (ndots:1), so this libc (musl) does not try the search list',
      ['problem short-name'],
    ],
    [
      'a rule whose server does not run',
      WEB,
      { files: { ...resolvConf('nameserver 127.0.0.9'), 'proc/9/comm': 'dnsmasq\n', ...rule(9) }, own: { [WEB]: AT } },
      '/etc/dnsmasq.d/switchboard.conf sends cluster.local to 127.0.0.1:9, where no server answers',
      ['problem rule-stale', 'problem silent-server'],
    ],
    [
      'a rule that the active resolver does not read',
      WEB,
      {
        files: { ...resolvConf('nameserver 127.0.0.7'), ...rule(9) },
        servers: { '127.0.0.7': table({}) },
        own: { [WEB]: AT },
      },
      '/etc/dnsmasq.d/switchboard.conf sends cluster.local to 127.0.0.1:9',
      ['problem rule-stale', 'problem rule-unread'],
    ],
    [
      'a server that does not answer',
      'example.org',
      { files: resolvConf('nameserver 127.0.0.7'), servers: { '127.0.0.7': () => undefined }, own: {} },
      '127.0.0.7:',
      ['problem silent-server'],
    ],
    [
      'mDNS that ends the lookup',
      WEB,
      {
        files: {
          ...resolvConf('nameserver 127.0.0.7'),
          'etc/nsswitch.conf': 'hosts: files mdns4 [NOTFOUND=return] dns\n',
        },
        servers: { '127.0.0.7': table({ [WEB]: AT }) },
        own: { [WEB]: AT },
      },
      "Switchboard's server knows",
      ['problem not-installed', 'problem mdns'],
    ],
    [
      'nsswitch.conf without DNS',
      'example.org',
      { files: { 'etc/nsswitch.conf': 'hosts: files\n' }, own: {} },
      'nsswitch.conf has neither dns nor resolve',
      ['problem no-dns'],
    ],
  ])('%s', async (_what, name, scene, says, expected) => {
    const found = await look(name, scene);
    expect(found.resolves).toBe(false);
    expect(found.verdict.startsWith(`${name} does not resolve: `)).toBe(true);
    expect(found.verdict).toContain(says);
    expect(ids(found)).toEqual(expected);
  });

  test('reports the line of another tool that overrides the name', async () => {
    const found = await look(WEB, {
      files: {
        ...resolvConf('nameserver 127.0.0.7'),
        'etc/hosts': `127.0.0.1 localhost\n10.9.9.9 web.shop ${WEB} # old tool\n`,
      },
      servers: { '127.0.0.7': table({ [WEB]: AT }) },
      own: { [WEB]: AT },
      system: { [WEB]: '10.9.9.9' },
    });
    expect(found.verdict).toBe(`${WEB} resolves to 10.9.9.9, by the hosts file`);
    expect(ids(found)).toEqual(['problem hosts-line', 'problem elsewhere']);
    expect(found.findings[0]?.says).toContain('line 2 of');
  });

  test('reports the block of a process that has ended', async () => {
    const block = `# switchboard: begin process 999999999 started 1@0\n${AT} ${WEB}\n# switchboard: end\n`;
    const found = await look(WEB, { files: { 'etc/hosts': block }, system: { [WEB]: AT } });
    expect(ids(found)).toContain('problem stale-block');
  });

  test('reports outdated lines of Switchboard', async () => {
    const block = `# switchboard: begin manifests\n127.9.9.9 ${WEB}\n# switchboard: end\n`;
    const found = await look(WEB, {
      files: { 'etc/hosts': block },
      own: { [WEB]: AT },
      system: { [WEB]: '127.9.9.9' },
      expected: [AT],
    });
    expect(ids(found)).toEqual(['problem old-block', 'problem elsewhere']);
  });
});

describe('servers that disagree', () => {
  test('on A and AAAA of a name', async () => {
    const found = await look(WEB, {
      files: resolvConf('nameserver 127.0.0.7'),
      servers: { '127.0.0.7': (_name, type) => (type === 'A' ? AT : 'NXDOMAIN') },
      own: { [WEB]: AT },
      system: { [WEB]: AT },
    });
    expect(ids(found)).toEqual(['problem uneven']);
    expect(found.findings[0]?.says).toContain(`${WEB}: A gets NOERROR, AAAA gets NXDOMAIN`);
  });

  test('by not answering AAAA', async () => {
    const found = await look(WEB, {
      files: resolvConf('nameserver 127.0.0.7'),
      servers: { '127.0.0.7': (_name, type) => (type === 'A' ? AT : undefined) },
      own: { [WEB]: AT },
      system: { [WEB]: AT },
    });
    expect(ids(found)).toEqual(['problem uneven']);
  });

  test.each([
    ['options rotate', { 'etc/resolv.conf': 'nameserver 127.0.0.7\nnameserver 127.0.0.8\noptions rotate\n' }],
    ['musl', { 'etc/resolv.conf': 'nameserver 127.0.0.7\nnameserver 127.0.0.8\n', 'lib/ld-musl-aarch64.so.1': '' }],
  ])('because only one knows the name, with %s', async (_what, files) => {
    const found = await look(WEB, {
      files,
      servers: { '127.0.0.7': table({ [WEB]: AT }), '127.0.0.8': table({}) },
      own: { [WEB]: AT },
      system: { [WEB]: AT },
    });
    expect(ids(found)).toEqual(['problem mixed-servers']);
  });
});

describe('VPNs', () => {
  const withLink = async (domains: readonly string[]) => {
    const { seen } = await look(WEB, { own: { [WEB]: AT }, system: { [WEB]: AT } });
    const links = [{ name: 'tun0', servers: ['10.8.0.1'], domains }];
    return findingsOf({
      ...seen,
      state: { ...seen.state, interfaces: ['eth0', 'tun0'], systemd: { ...seen.state.systemd, links } },
    });
  };
  test.each([
    [['~.'], ['note link-takes-all', 'note vpn']],
    [['~cluster.local'], ['problem link-domain', 'note vpn']],
    [['svc.cluster.local'], ['problem link-domain', 'note vpn']],
    [['corp.example', 'local'], ['note vpn']],
  ])('a link with %j', async (domains, expected) => {
    expect((await withLink(domains)).map(({ id, level }) => `${level} ${id}`)).toEqual(expected);
  });
});

describe('the system is set up, but does not resolve the name', () => {
  const told = async (mechanism: 'systemd-resolved' | 'dnsmasq', interfaces: readonly string[]) => {
    const { seen } = await look(WEB, { own: { [WEB]: AT } });
    const rule = { domain: 'cluster.local', address: '127.0.0.1', port: 1053 };
    return findingsOf({
      ...seen,
      resolver: { kind: 'mechanism', name: mechanism, because: 'it is so' },
      rules: [{ installed: { mechanism, place: '/etc/ours.conf', rule, undo: [] }, serverAnswers: true, isRead: true }],
      state: { ...seen.state, interfaces },
    });
  };
  test.each([
    ['systemd-resolved, with a network', 'systemd-resolved', ['eth0'], 'problem not-heard'],
    ['systemd-resolved, without one', 'systemd-resolved', [], 'problem offline'],
    ['dnsmasq, without one', 'dnsmasq', [], 'problem not-heard'],
  ] as const)('%s', async (_what, mechanism, interfaces, expected) => {
    expect((await told(mechanism, interfaces)).map(({ id, level }) => `${level} ${id}`)).toEqual([expected]);
  });
});
