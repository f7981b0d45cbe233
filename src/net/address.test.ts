import { describe, expect, test } from 'vitest';
import { hostPort, parseSocketAddress, splitHostPort } from './address.ts';

describe('splits a host and a port', () => {
  test.each([
    ['127.0.0.1:80', '127.0.0.1', 80],
    ['127.0.0.1', '127.0.0.1', undefined],
    ['web.shop:80', 'web.shop', 80],
    ['[::1]:80', '::1', 80],
    ['[::1]', '::1', undefined],
    ['::1', '::1', undefined],
    ['fe80::1%eth0', 'fe80::1%eth0', undefined],
    ['[fe80::1%eth0]:53', 'fe80::1%eth0', 53],
    [':80', '', 80],
    ['', '', undefined],
    ['a:0', 'a', 0],
    ['a:65535', 'a', 65_535],
  ])('%s', (text, host, port) => {
    expect(splitHostPort(text)).toEqual({ host, port });
  });

  test.each([
    'a:',
    'a:b',
    'a:-1',
    'a:65536',
    'a:123456',
    '[::1',
    '::1]',
    '[::1]80',
    '[10.0.0.1]:80',
    '[::1]:',
    '[[::1]]:80',
    'a:1\n',
  ])('not of %j', text => {
    expect(splitHostPort(text)).toBeUndefined();
  });
});

describe('reads an IP address and a port', () => {
  test.each([
    ['127.0.0.1:80', undefined, '127.0.0.1:80'],
    ['[0:0::1]:80', undefined, '[::1]:80'],
    ['127.0.0.1', 53, '127.0.0.1:53'],
    ['::1', 53, '[::1]:53'],
    ['127.0.0.1:80', 53, '127.0.0.1:80'],
  ])('%s, by default port %s', (text, defaultPort, expected) => {
    const { address = '', port = -1 } = parseSocketAddress(text, defaultPort) ?? {};
    expect(hostPort(address, port)).toBe(expected);
  });

  test.each(['127.0.0.1', '::1', 'localhost:80', ':80', '300.0.0.1:80', '[::1%eth0]:80'])('not of %s', text => {
    expect(parseSocketAddress(text)).toBeUndefined();
  });
});
