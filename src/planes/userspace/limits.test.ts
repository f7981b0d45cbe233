import { describe, expect, it } from 'vitest';
import { clientAddress, Machine } from '../../system/index.ts';
import { FileBudget } from './file-budget.ts';
import { Throttle } from './throttle.ts';

describe('FileBudget', () => {
  const counts = (limit: number | undefined, open = 0) => ({ limit: () => limit, open: () => open });

  it('reserves a quarter of a low limit, and 256 files of a high one', () => {
    const few = new FileBudget(() => 0, counts(100));
    expect(few.take(75)).toBe(true);
    expect(few.take(1)).toBe(false);
    few.give(2);
    expect(few.take(2)).toBe(true);
    const many = new FileBudget(() => 0, counts(10_000));
    expect(many.take(9_744)).toBe(true);
    expect(many.take(1)).toBe(false);
  });

  it('leaves an eighth for the clients of its listeners', () => {
    const budget = new FileBudget(() => 0, counts(80));
    let listeners = 0;
    while (budget.takeListener()) listeners++;
    expect([listeners, budget.take(10), budget.take(1)]).toEqual([50, true, false]);
  });

  it('subtracts the files that the rest of the process has open', () => {
    let now = 0;
    let others = 40;
    let taken = 0;
    const budget = new FileBudget(() => now, { limit: () => 100, open: () => others + taken });
    expect([budget.take(35), budget.take(1)]).toEqual([true, false]);
    taken = 35;
    others = 20;
    expect(budget.take(20)).toBe(false);
    now = 1_000;
    expect([budget.take(20), budget.take(1)]).toEqual([true, false]);
  });

  it('counts open files once a second, and less often if there are many', () => {
    let now = 0;
    let counted = 0;
    let open = 10;
    const budget = new FileBudget(() => now, {
      limit: () => 1_000_000,
      open: () => {
        counted++;
        return open;
      },
    });
    for (let i = 0; i < 1_000; i++) budget.take(1);
    expect(counted).toBe(1);
    open = 50_000;
    now = 1_000;
    budget.take(1);
    now = 5_999;
    budget.take(1);
    expect(counted).toBe(2);
    now = 6_000;
    budget.take(1);
    expect(counted).toBe(3);
  });

  it('notices a raised limit, and works without one', () => {
    let now = 0;
    let limit = 10;
    const budget = new FileBudget(() => now, { limit: () => limit, open: () => undefined });
    expect(budget.take(9)).toBe(false);
    limit = 100;
    expect(budget.take(9)).toBe(false);
    now = 1_000;
    expect(budget.take(9)).toBe(true);
    const unknown = new FileBudget(() => 0, counts(undefined));
    expect(unknown.take(1e9)).toBe(true);
  });
});

describe('Throttle', () => {
  it('passes one event per interval and counts the others', () => {
    const throttle = new Throttle(1_000);
    expect([0, 1, 999, 1_000, 1_001].map(now => throttle.pass(now))).toEqual([0, undefined, undefined, 2, undefined]);
  });
});

describe('Machine', () => {
  it('reports its own addresses (all of 127.0.0.0/8 on Linux only) and reads them again after a while', () => {
    let now = 0;
    let own = ['192.0.2.1'];
    const linux = new Machine(
      () => now,
      () => own,
      'linux',
    );
    const mac = new Machine(
      () => now,
      () => own,
      'darwin',
    );
    expect([linux.has('127.3.4.5'), mac.has('127.3.4.5'), mac.has('127.0.0.1'), mac.has('::1')]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect(linux.has('192.0.2.1')).toBe(true);
    own = ['192.0.2.2'];
    expect(linux.has('192.0.2.2')).toBe(false);
    now = 2_000;
    expect([linux.has('192.0.2.2'), linux.isSelf('192.0.2.2'), linux.isSelf('192.0.2.1')]).toEqual([true, true, false]);
  });

  it('parses the addresses of peers', () => {
    expect(clientAddress('fe80::1%eth0')).toBe('fe80::1');
    expect(clientAddress('::ffff:127.0.0.1')).toBe('127.0.0.1');
    expect(clientAddress(undefined)).toBeUndefined();
  });
});
