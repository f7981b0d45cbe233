import { expect, test } from 'vitest';
import { serviceHosts } from './service-host.ts';

const SEARCH = { namespace: 'shop', domain: 'cluster.local' };

test.each<[host: string, first: string | undefined]>([
  ['web', 'shop/web'],
  ['Web.localhost', 'shop/web'],
  ['web.shop.svc.cluster.local', 'shop/web'],
  ['web.shop.svc.cluster.local.', 'shop/web'],
  ['web.localhost', 'shop/web'],
  ['db-0.db.other.svc.cluster.local.', 'other/db db-0'],
  ['a.b.c.d.svc.cluster.local.', undefined],
  ['example.com.', undefined],
  ['svc.cluster.local.', undefined],
])('%s', (host, first) => {
  const [found] = serviceHosts(host, SEARCH);
  expect(
    found === undefined
      ? undefined
      : `${found.namespace}/${found.service}${found.endpoint ? ` ${found.endpoint}` : ''}`,
  ).toBe(first);
});

test('expands a name to all candidates, in the order of the search list', () => {
  expect(serviceHosts('web.other', SEARCH)).toEqual([
    { namespace: 'shop', service: 'other', endpoint: 'web' },
    { namespace: 'other', service: 'web' },
  ]);
  expect(serviceHosts('web.other.svc', SEARCH)).toEqual([
    { namespace: 'svc', service: 'other', endpoint: 'web' },
    { namespace: 'other', service: 'web' },
  ]);
});
