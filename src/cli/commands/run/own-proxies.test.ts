import { expect, test } from 'vitest';
import { withReachableProxies } from './own-proxies.ts';

const DIRECT = ['.svc', 'web'];

test.each([
  ['keeps a proxy in another network', { https_proxy: 'http://proxy.corp:3128' }, true, ['https_proxy']],
  ['keeps a proxy whose address only contains "127."', { ALL_PROXY: 'http://10.127.0.1:80' }, true, ['ALL_PROXY']],
  ['removes one on this machine', { http_proxy: 'http://127.0.0.1:3128', HTTP_PROXY: 'localhost:3128' }, true, []],
  ['removes one on this machine with a password', { all_proxy: 'socks5://me:secret@[::1]:1080' }, true, []],
  ['removes all where nothing outside is reached', { https_proxy: 'http://proxy.corp:3128' }, false, []],
])('%s', (_what, own, outward, left) => {
  const names = Object.keys(withReachableProxies(own, outward, DIRECT)).filter(name => /^(?!no_).*_proxy$/i.test(name));
  expect(names.filter(name => name !== 'NO_PROXY')).toEqual(left);
});

test('goes past a proxy for the names of Services, and for what went past it before', () => {
  const own = { https_proxy: 'http://proxy.corp:3128', NO_PROXY: '.corp' };
  const past = { no_proxy: '.corp,.svc,web', NO_PROXY: '.corp,.svc,web' };
  expect(withReachableProxies(own, true, DIRECT)).toMatchObject(past);
  expect(withReachableProxies({ PATH: '/bin' }, true, DIRECT)).toEqual({ PATH: '/bin' });
});
