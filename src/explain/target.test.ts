import { describe, expect, test } from 'vitest';
import { parseTarget } from './target.ts';

describe('parses', () => {
  const web = { kind: 'service', name: 'web' };
  const cases: [text: string, expected: object][] = [
    ['svc/web', web],
    ['service/shop/web', { ...web, namespace: 'shop' }],
    ['svc/web:80', { ...web, port: '80' }],
    ['svc/web:http', { ...web, port: 'http' }],
    ['web', web],
    ['web:80', { ...web, port: '80' }],
    ['web.shop:80', { ...web, namespace: 'shop', port: '80' }],
    ['web.shop.svc:80', { ...web, namespace: 'shop', port: '80' }],
    ['web.shop.svc.cluster.local:http', { ...web, namespace: 'shop', port: 'http' }],
    ['http://web.shop/', { ...web, namespace: 'shop', port: '80' }],
    ['https://web.shop/path?x=1', { ...web, namespace: 'shop', port: '443' }],
    ['http://web.shop:8080/', { ...web, namespace: 'shop', port: '8080' }],
    ['postgres://user:pw@db.shop:5432/x', { kind: 'service', name: 'db', namespace: 'shop', port: '5432' }],
    ['10.96.0.10:80', { kind: 'address', address: '10.96.0.10', port: 80, protocol: 'TCP' }],
    ['10.96.0.10:53/UDP', { kind: 'address', address: '10.96.0.10', port: 53, protocol: 'UDP' }],
    ['[fd00:0::1]:80', { kind: 'address', address: 'fd00::1', port: 80, protocol: 'TCP' }],
    ['http://10.96.0.10/', { kind: 'address', address: '10.96.0.10', port: 80, protocol: 'TCP' }],
    ['node-1:30080', { kind: 'node', name: 'node-1', port: 30080, protocol: 'TCP' }],
    ['deploy/web', { kind: 'workload', name: 'web', workload: 'Deployment' }],
    ['rc/shop/web', { kind: 'workload', name: 'web', namespace: 'shop', workload: 'ReplicationController' }],
    ['DaemonSet/web', { kind: 'workload', name: 'web', workload: 'DaemonSet' }],
    ['pod/web-0', { kind: 'pod', name: 'web-0' }],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(parseTarget(text, new Set(['node-1']))).toEqual(expected);
  });
  test.each(['', '10.96.0.10:99999', 'a b', 'ftp://', '10.96.0.10:80/ICMP'])('rejects "%s"', text => {
    expect(() => parseTarget(text)).toThrow(/write it as/);
  });
});
