import { describe, expect, test } from 'vitest';
import { candidates, serviceNames } from './candidates.ts';

const POD = { search: ['shop.svc.cluster.local', 'svc.cluster.local', 'cluster.local'], ndots: 5, musl: false };
const LAPTOP = { search: ['lan'], ndots: 1, musl: false };

describe('what libc asks', () => {
  test.each([
    [
      'a short name in a pod',
      'web',
      POD,
      ['web.shop.svc.cluster.local', 'web.svc.cluster.local', 'web.cluster.local', 'web'],
    ],
    [
      'an outside name in a pod',
      'example.org',
      POD,
      [
        'example.org.shop.svc.cluster.local',
        'example.org.svc.cluster.local',
        'example.org.cluster.local',
        'example.org',
      ],
    ],
    ['with a dot at its end', 'example.org.', POD, ['example.org']],
    ['enough dots: itself first, the list behind it', 'web.shop', LAPTOP, ['web.shop', 'web.shop.lan']],
    ['no dots', 'web', LAPTOP, ['web.lan', 'web']],
    ['musl has no list behind it', 'web.shop', { ...LAPTOP, musl: true }, ['web.shop']],
    ['musl, too few dots', 'web', { ...LAPTOP, musl: true }, ['web.lan', 'web']],
    ['no list', 'web', { search: [], ndots: 1, musl: false }, ['web']],
  ])('%s', (_what, name, expansion, expected) => {
    expect(candidates(name, expansion)).toEqual(expected);
  });
});

describe('what a name may be short for', () => {
  const options = { namespace: 'shop', domain: 'cluster.local' };
  test.each([
    ['web', ['web.shop.svc.cluster.local', 'web.svc.cluster.local', 'web.cluster.local', 'web']],
    ['Web.Shop.svc.cluster.local.', ['web.shop.svc.cluster.local']],
    ['example.org.', ['example.org']],
    ['cluster.local', ['cluster.local']],
  ])('%s', (name, expected) => {
    expect(serviceNames(name, options)).toEqual(expected);
  });
});
