import { expect, test } from 'vitest';
import { nameFiles } from './name-files.ts';

const SEARCH = { namespace: 'shop', domain: 'cluster.local' };

test('the command resolves names as a pod of its namespace does', () => {
  const { resolvConf, nsswitch } = nameFiles('127.0.0.1', SEARCH, undefined);
  expect(resolvConf.split('\n').slice(1)).toEqual([
    'nameserver 127.0.0.1',
    'search shop.svc.cluster.local svc.cluster.local cluster.local',
    'options ndots:5',
    '',
  ]);
  expect(nsswitch).toBe(undefined);
});

test('only the hosts line of nsswitch.conf is replaced', () => {
  const old = 'passwd: files systemd\n hosts : files mdns4_minimal [NOTFOUND=return] resolve dns\nnetworks: files\n';
  const lines = nameFiles('127.0.0.1', SEARCH, old).nsswitch?.split('\n');
  expect(lines).toEqual(['hosts: files dns', 'passwd: files systemd', 'networks: files', '']);
});
