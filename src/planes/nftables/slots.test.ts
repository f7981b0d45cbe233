import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeInSlots } from './slots.ts';

const endpoints = fc.uniqueArray(fc.constantFrom(...'abcdefghijkl'), { maxLength: 12 });
const previous = endpoints.chain(list =>
  fc
    .array(fc.boolean(), { minLength: list.length, maxLength: list.length })
    .map(holes => list.map((endpoint, i) => (holes[i] === true ? undefined : endpoint))),
);

describe('slots', () => {
  it.each([
    ['the first endpoints, in their order', [], ['a', 'b'], ['a', 'b']],
    ['a new one goes to the end', ['a', 'b'], ['c', 'b', 'a'], ['a', 'b', 'c']],
    ['a removed one is replaced by the last', ['a', 'b', 'c'], ['b', 'c'], ['c', 'b']],
    ['the last one is removed, and nothing moves', ['a', 'b', 'c'], ['a', 'b'], ['a', 'b']],
    ['a replacement takes the slot', ['a', 'b', 'c'], ['a', 'x', 'c'], ['a', 'x', 'c']],
    ['an empty slot is filled', ['a', undefined, 'c'], ['c', 'a', 'x'], ['a', 'x', 'c']],
    ['an empty slot and no new endpoint', [undefined, 'b', undefined, 'd'], ['b', 'd'], ['d', 'b']],
    ['none are left', ['a', 'b'], [], []],
  ])('%s', (_name, before, wanted, after) => {
    expect(placeInSlots(before, wanted)).toEqual(after);
  });

  it('contain exactly the wanted endpoints, each once', () => {
    fc.assert(
      fc.property(previous, endpoints, (before, wanted) => {
        expect([...placeInSlots(before, wanted)].sort()).toEqual([...wanted].sort());
      }),
    );
  });

  it('move an endpoint only into a slot that became free', () => {
    fc.assert(
      fc.property(previous, endpoints, (before, wanted) => {
        const after = placeInSlots(before, wanted);
        const moved = before.filter((endpoint, slot) => {
          const to = endpoint === undefined ? -1 : after.indexOf(endpoint);
          return to >= 0 && to !== slot;
        });
        // Only endpoints behind the new end move.
        for (const endpoint of moved) expect(before.indexOf(endpoint)).toBeGreaterThanOrEqual(wanted.length);
        // And only if no new endpoint could fill the slot.
        const kept = before.filter(endpoint => endpoint !== undefined && wanted.includes(endpoint)).length;
        const holes =
          before.slice(0, wanted.length).length -
          before.slice(0, wanted.length).filter(e => e !== undefined && wanted.includes(e)).length;
        expect(moved.length).toBeLessThanOrEqual(Math.max(0, Math.min(holes, kept)));
      }),
    );
  });

  it('stay the same if only the order of the endpoints changes', () => {
    fc.assert(
      fc.property(endpoints, fc.infiniteStream(fc.nat()), (list, order) => {
        const shuffled = [...list].sort(() => ((order.next().value ?? 0) % 2) * 2 - 1);
        expect(placeInSlots(list, shuffled)).toEqual(list);
      }),
    );
  });

  it('need at most one move and one removal for one endpoint less', () => {
    fc.assert(
      fc.property(endpoints, fc.nat(), (list, which) => {
        const gone = list[which % Math.max(1, list.length)];
        const after = placeInSlots(
          list,
          list.filter(endpoint => endpoint !== gone),
        );
        expect(after.filter((endpoint, slot) => endpoint !== list[slot]).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
