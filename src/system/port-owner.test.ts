import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { parseSocketTable } from './port-owner.ts';

const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4243 1 0 20 4 30 10 -1
`;
const TCP6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 77 1 0
   1: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 0:0 00:0 0 0 0 78 1 0
`;

describe.skipIf(endianness() !== 'LE')('parseSocketTable', () => {
  it('parses listening sockets and skips connections', () => {
    expect([...parseSocketTable(TCP, 'tcp')]).toEqual([{ address: '127.0.0.1', port: 8080, inode: '4242' }]);
  });

  it('parses IPv6 addresses word by word', () => {
    expect([...parseSocketTable(TCP6, 'tcp')]).toEqual([
      { address: '::1', port: 80, inode: '77' },
      { address: '::', port: 443, inode: '78' },
    ]);
  });

  it('survives malformed input', () => {
    expect([...parseSocketTable('', 'udp')]).toEqual([]);
    expect([...parseSocketTable('head\nnonsense\n 0: zz', 'udp')]).toEqual([]);
  });
});
