import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlowTable, type ListedFlow } from './flow-table.ts';

function setUp(limit: number) {
  const events: number[] = [];
  let now = 0;
  const table = new FlowTable({ limit, idleMs: 1_000, now: () => now, evicted: held => events.push(held) });
  const closed: string[] = [];
  const flow = (name: string): ListedFlow => {
    const self: ListedFlow = {
      lastUsed: 0,
      previous: undefined,
      next: undefined,
      close() {
        closed.push(name);
        table.remove(self);
      },
    };
    return self;
  };
  return { table, flow, closed, events, later: (ms: number) => (now += ms) };
}

describe('FlowTable', () => {
  it('closes the idlest flow when it is full, and reports it once per burst', () => {
    const { table, flow, closed, events, later } = setUp(2);
    const a = flow('a');
    table.add(a);
    table.add(flow('b'));
    table.touch(a);
    for (const name of ['c', 'd', 'e']) table.add(flow(name));
    expect(closed).toEqual(['b', 'a', 'c']);
    expect(table.size).toBe(2);
    expect(events).toEqual([0]);
    later(1_000);
    table.add(flow('f'));
    expect(events).toEqual([0, 2]);
    table.close();
  });

  it('agrees with a plain list that is reordered for each event', () => {
    const step = fc.tuple(fc.constantFrom('add', 'touch', 'remove'), fc.nat(5));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), steps => {
        const { table, flow, closed } = setUp(3);
        const flows = Array.from({ length: 6 }, (_, i) => flow(String(i)));
        let model: string[] = [];
        const evicted: string[] = [];
        for (const [what, i] of steps) {
          const name = String(i);
          const one = flows[i];
          if (one === undefined || (what === 'add') === model.includes(name)) continue;
          model = model.filter(other => other !== name);
          if (what === 'remove') table.remove(one);
          else if (what === 'touch') table.touch(one);
          else {
            if (model.length === 3) evicted.push(model.shift() ?? '');
            table.add(one);
          }
          if (what !== 'remove') model.push(name);
          expect(table.size).toBe(model.length);
        }
        expect(closed).toEqual(evicted);
        table.close();
      }),
    );
  });
});
