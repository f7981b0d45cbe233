import { expect, test } from 'vitest';
import { Machine } from './machine.ts';

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
