import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answeringAddresses, Machine } from './machine.ts';

test('the last known addresses stay if they cannot be read, and are read again later', () => {
  let time = 0;
  let read = () => ['192.0.2.1'];
  const machine = new Machine(
    () => time,
    () => read(),
  );
  expect(machine.isSelf('192.0.2.1')).toBe(true);
  read = () => {
    throw new Error('EMFILE');
  };
  time += 2_000;
  expect(machine.isSelf('192.0.2.1')).toBe(true);
  expect(machine.has('192.0.2.9')).toBe(false);
  read = () => ['192.0.2.9'];
  time += 2_000;
  expect(machine.has('192.0.2.9')).toBe(true);
});

test('loopback addresses that the hosts file names need sockets of their own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'switchboard-hosts-'));
  const hosts = join(folder, 'hosts');
  await writeFile(hosts, '127.0.0.1 localhost\n127.0.1.1\tlaptop\n# 127.0.9.9 off\n  127.0.0.53 stub\n127.1 short\n');
  const named = answeringAddresses(hosts).filter(address => address.startsWith('127.'));
  await rm(folder, { recursive: true });
  expect(named).toEqual(['127.0.1.1', '127.0.0.53']);
  expect(answeringAddresses(hosts).filter(address => address.startsWith('127.'))).toEqual([]);
});
