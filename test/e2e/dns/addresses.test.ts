/** The addresses in answers: those of a laptop in place of cluster IPs, those at which pods reach endpoints, our own. */
import { describe, expect, test } from 'vitest';
import { hear, query, TYPES } from './client.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

describe('on a laptop', () => {
  const LISTENERS = [
    { address: '127.128.0.1', port: 10_080, portName: 'http', protocol: 'TCP' },
    { address: '127.128.0.1', port: 443, portName: 'https', protocol: 'TCP' },
  ] as const;
  let listeners: typeof LISTENERS | readonly [] = LISTENERS;

  test('answers have the addresses and ports that Services listen on', async () => {
    const served = await Served.start(WORLD, {
      listenersOf: service => (service === 'default/web' ? listeners : []),
    });
    const client = served.udp();
    const ask = async (name: string, type: string) => hear(await client.ask(query(name, { type: TYPES[type] ?? 0 })));
    const web = 'web.default.svc.cluster.local';
    expect((await ask(web, 'A')).answers).toEqual([`${web} A 127.128.0.1`]);
    expect((await ask(`_http._tcp.${web}`, 'SRV')).answers).toEqual([`_http._tcp.${web} SRV 0 100 10080 ${web}`]);
    expect((await ask(`_http._tcp.${web}`, 'SRV')).additionals).toEqual([`${web} A 127.128.0.1`]);
    expect((await ask('1.0.128.127.in-addr.arpa', 'PTR')).answers).toEqual([`1.0.128.127.in-addr.arpa PTR ${web}`]);
    expect((await ask('10.0.96.10.in-addr.arpa', 'PTR')).rcode).toBe('NXDOMAIN');
    expect(await ask('six.default.svc.cluster.local', 'AAAA')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    listeners = [];
    served.dns.refresh(['default/web']);
    expect(await ask(web, 'A')).toMatchObject({ rcode: 'NOERROR', answers: [] });
    await served.close();
  });
});

test('a headless Service has the addresses at which its endpoints are reached', async () => {
  const reachedAt = (address: string) => (address === '10.1.1.1' ? '169.254.2.1' : address);
  const plain = await Served.start(WORLD, {});
  const mapped = await Served.start(WORLD, { reachedAt });
  const ask = async (served: Served) => hear(await served.udp().ask(query('db.data.svc.cluster.local'))).answers;
  const [own, reached] = [await ask(plain), await ask(mapped)];
  expect(own.some(answer => answer.endsWith(' 10.1.1.1'))).toBe(true);
  expect([...reached].sort()).toEqual(own.map(answer => answer.replace(/ 10\.1\.1\.1$/, ' 169.254.2.1')).sort());
  await plain.close();
  await mapped.close();
});

test('NS names the Service of the server itself', async () => {
  const front = `apiVersion: v1
kind: Service
metadata: { name: kube-dns, namespace: kube-system }
spec: { clusterIP: 10.96.0.53, ports: [{ name: dns, port: 53, protocol: UDP }] }
`;
  const served = await Served.start(`${WORLD}---\n${front}`, { serverAddresses: ['10.96.0.53'] });
  const heard = hear(await served.udp().ask(query('cluster.local', { type: 2 })));
  expect(heard.answers).toEqual(['cluster.local NS kube-dns.kube-system.svc.cluster.local']);
  expect(heard.additionals).toEqual(['kube-dns.kube-system.svc.cluster.local A 10.96.0.53']);
  await served.close();
});
