import { describe, expect, test } from 'vitest';
import { serviceEnvironment } from './service-env.ts';

describe('names Service variables like the kubelet', () => {
  test('for a Service with two ports', () => {
    expect(
      serviceEnvironment([
        {
          name: 'my-shop',
          host: '127.1.1.1',
          ports: [
            { name: 'http', port: 80, protocol: 'TCP' },
            { name: 'dns-alt', port: 53, protocol: 'UDP' },
          ],
        },
      ]),
    ).toEqual({
      MY_SHOP_SERVICE_HOST: '127.1.1.1',
      MY_SHOP_SERVICE_PORT: '80',
      MY_SHOP_SERVICE_PORT_HTTP: '80',
      MY_SHOP_SERVICE_PORT_DNS_ALT: '53',
      MY_SHOP_PORT: 'tcp://127.1.1.1:80',
      MY_SHOP_PORT_80_TCP: 'tcp://127.1.1.1:80',
      MY_SHOP_PORT_80_TCP_PROTO: 'tcp',
      MY_SHOP_PORT_80_TCP_PORT: '80',
      MY_SHOP_PORT_80_TCP_ADDR: '127.1.1.1',
      MY_SHOP_PORT_53_UDP: 'udp://127.1.1.1:53',
      MY_SHOP_PORT_53_UDP_PROTO: 'udp',
      MY_SHOP_PORT_53_UDP_PORT: '53',
      MY_SHOP_PORT_53_UDP_ADDR: '127.1.1.1',
    });
  });

  test('for a port without a name on an IPv6 address', () => {
    const env = serviceEnvironment([{ name: 'web', host: '::1', ports: [{ name: '', port: 80, protocol: 'TCP' }] }]);
    expect(env).toMatchObject({ WEB_SERVICE_HOST: '::1', WEB_PORT: 'tcp://[::1]:80', WEB_PORT_80_TCP_ADDR: '::1' });
    expect(Object.keys(env).filter(name => name.startsWith('WEB_SERVICE_PORT_'))).toEqual([]);
  });

  test('but not for a Service without ports', () => {
    expect(serviceEnvironment([{ name: 'web', host: '127.1.1.1', ports: [] }])).toEqual({});
  });
});
