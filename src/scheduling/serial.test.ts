import { expect, test } from 'vitest';
import { Serial } from './serial.ts';

test('runs tasks one after another, whether the one before succeeds or not', async () => {
  const serial = new Serial();
  const log: string[] = [];
  const first = Promise.withResolvers<string>();
  const results = [
    serial.run(async () => {
      log.push('first starts');
      return first.promise;
    }),
    serial.run(() => {
      log.push('second starts');
      throw new Error('second fails');
    }),
    serial.run(() => {
      log.push('third starts');
      return 3;
    }),
  ];
  await Promise.resolve();
  expect(log).toEqual(['first starts']);
  first.resolve('done');
  expect(await Promise.allSettled(results)).toMatchObject([
    { value: 'done' },
    { reason: { message: 'second fails' } },
    { value: 3 },
  ]);
  expect(log).toEqual(['first starts', 'second starts', 'third starts']);
});

test('is idle when all tasks have ended, failed ones included', async () => {
  const serial = new Serial();
  await serial.idle();
  let ended = false;
  const task = serial.run(async () => {
    await Promise.resolve();
    ended = true;
    throw new Error('fails');
  });
  await serial.idle();
  expect(ended).toBe(true);
  await expect(task).rejects.toThrow('fails');
});
