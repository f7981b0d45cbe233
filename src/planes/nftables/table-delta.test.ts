import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHAINS, TableDelta } from './table-delta.ts';

interface Step {
  readonly verb: 'add' | 'remove';
  readonly set: string;
  readonly key: string;
  readonly data: string;
}

const rules = (chain: string) => [`rule of ${chain}`];

function edited(steps: readonly Step[]): TableDelta {
  const edits = new TableDelta('IPv4');
  for (const { verb, set, key, data } of steps) edits[verb](set, key, data);
  return edits;
}

/** As in batches, an element is removed at most once and added at most once. */
const steps = fc.uniqueArray(
  fc.record({
    verb: fc.constantFrom('add' as const, 'remove' as const),
    set: fc.constantFrom('frontends', 'endpoints', 'pod_networks', CHAINS),
    key: fc.constantFrom('service-local-1', 'service-near-1', 'service-cluster-2', '10.0.0.0/8'),
    data: fc.constantFrom('', 'x', 'y'),
  }),
  { selector: ({ verb, set, key }) => `${verb} ${set} ${key}`, maxLength: 24 },
);

function listed(edits: TableDelta): string[] {
  const lines = edits
    .commands(rules)
    .split('\n')
    .map(line => line.replace(/\{ (.*) \}/, (_, list: string) => list.split(', ').sort().join()));
  return lines.sort();
}

describe('the delta of a table', () => {
  it('does not depend on the order of the calls', () => {
    fc.assert(
      fc.property(
        steps.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        ([list, shuffled]) => {
          expect(listed(edited(shuffled))).toEqual(listed(edited(list)));
          expect(edited(shuffled).size).toBe(edited(list).size);
        },
      ),
    );
  });

  it.each<[string, readonly Step[], string]>([
    [
      'what goes and comes with the same data is not touched',
      [
        { verb: 'remove', set: 'endpoints', key: 'a', data: 'x' },
        { verb: 'add', set: 'endpoints', key: 'a', data: 'x' },
      ],
      '',
    ],
    [
      'other data: out and in',
      [
        { verb: 'add', set: 'endpoints', key: 'a', data: 'y' },
        { verb: 'remove', set: 'endpoints', key: 'a', data: 'x' },
      ],
      'delete element ip switchboard endpoints { a }\nadd element ip switchboard endpoints { a : y }\n',
    ],
    [
      'elements of a set have no data',
      [{ verb: 'add', set: 'cluster_ips', key: '10.96.0.1', data: '' }],
      'add element ip switchboard cluster_ips { 10.96.0.1 }\n',
    ],
    [
      'a chain is made before what leads to it, and what it goes to before it',
      [
        { verb: 'add', set: CHAINS, key: 'service-local-1', data: '' },
        { verb: 'add', set: CHAINS, key: 'service-near-1', data: '' },
      ],
      `add chain ip switchboard service-near-1
flush chain ip switchboard service-near-1
add rule ip switchboard service-near-1 rule of service-near-1
add chain ip switchboard service-local-1
flush chain ip switchboard service-local-1
add rule ip switchboard service-local-1 rule of service-local-1
`,
    ],
    [
      'chains go in the other order, all flushed before one is deleted',
      [
        { verb: 'remove', set: CHAINS, key: 'service-near-1', data: '' },
        { verb: 'remove', set: CHAINS, key: 'service-local-1', data: '' },
      ],
      `flush chain ip switchboard service-local-1
flush chain ip switchboard service-near-1
delete chain ip switchboard service-local-1
delete chain ip switchboard service-near-1
`,
    ],
  ])('%s', (_name, list, commands) => {
    expect(edited(list).commands(rules)).toBe(commands);
  });

  it('is empty exactly if nothing changes', () => {
    fc.assert(
      fc.property(steps, list => {
        const edits = edited(list);
        expect(edits.size === 0).toBe(edits.commands(rules) === '');
      }),
    );
  });

  it('counts networks like any other element', () => {
    const edits = edited([{ verb: 'add', set: 'pod_networks', key: '10.0.0.0/8', data: '' }]);
    expect(edits.commands(rules)).toBe('add element ip switchboard pod_networks { 10.0.0.0/8 }\n');
    expect(edits.size).toBe(1);
  });
});
