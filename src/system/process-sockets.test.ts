import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { udpSocketsOf } from './process-sockets.ts';

test.runIf(process.platform === 'linux')('the UDP sockets of a process, and those of nobody', async () => {
  const one = createSocket('udp4').bind(0, '127.0.0.3');
  const all = createSocket('udp4').bind(0, '0.0.0.0');
  await Promise.all([once(one, 'listening'), once(all, 'listening')]);
  try {
    const places = await udpSocketsOf(process.pid);
    expect(places).toContainEqual({ address: '127.0.0.3', port: one.address().port });
    expect(places).toContainEqual({ address: '127.0.0.1', port: all.address().port });
    expect(await udpSocketsOf(0)).toEqual([]);
  } finally {
    one.close();
    all.close();
  }
});
