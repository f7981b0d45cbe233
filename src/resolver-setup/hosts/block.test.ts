import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SwitchboardError } from '../../errors.ts';
import {
  type BlockOwner,
  blockLines,
  findBlocks,
  type HostsLine,
  othersLines,
  withBlock,
  withoutBlocks,
} from './block.ts';
import { hostsNames } from './names.ts';

const PROCESS: BlockOwner = { kind: 'process', mark: { pid: 12, started: '345@abcd' } };
const LINES = [{ address: '127.1.2.3', names: ['web.shop.svc.cluster.local', 'web.shop'] }];

/** Arbitrary bytes with many lines and all kinds of line ends, but no marker line. */
const anyText = fc
  .oneof(
    fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes).toString('latin1')),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            '127.0.0.1 localhost',
            '::1 ip6-localhost',
            '# a comment',
            '',
            '10.0.0.1\tweb.shop # old',
            '#',
          ),
          fc.string({ maxLength: 20 }).map(text => Buffer.from(text).toString('latin1')),
        ),
        { maxLength: 12 },
      )
      .chain(lines => fc.constantFrom('\n', '\r\n', '\r').map(eol => lines.join(eol))),
  )
  .filter(text => !text.includes('# switchboard: '));
const anyOwner = fc.constantFrom<BlockOwner>(PROCESS, { kind: 'manifests' });

describe('with any content of the file', () => {
  test('restores the file exactly', () => {
    fc.assert(
      fc.property(anyText, anyOwner, (text, owner) => {
        const installed = withBlock(text, owner, LINES);
        expect(withoutBlocks(installed, findBlocks(installed))).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test('reads back the owner and lines of a block, and changes nothing in front of it', () => {
    fc.assert(
      fc.property(anyText, anyOwner, (text, owner) => {
        const installed = withBlock(text, owner, LINES);
        expect(installed.startsWith(text)).toBe(true);
        expect(findBlocks(installed)).toMatchObject([{ owner, lines: LINES }]);
      }),
    );
  });

  test('keeps lines that others add around the block later, each on its own line', () => {
    fc.assert(
      fc.property(anyText, anyText, fc.boolean(), (text, later, inFront) => {
        const installed = withBlock(text, PROCESS, LINES);
        const edited = inFront ? `${later}\n${installed}` : `${installed}${later}`;
        const rest = withoutBlocks(edited, findBlocks(edited));
        if (inFront) expect(rest).toBe(`${later}\n${text}`);
        else if (text === '' || text.endsWith('\n') || later === '') expect(rest).toBe(`${text}${later}`);
        // The added line break stays, so that the last line and the new one do not become one.
        else expect([`${text}\n${later}`, `${text}\r\n${later}`]).toContain(rest);
      }),
    );
  });

  test('removes several blocks at once', () => {
    fc.assert(
      fc.property(anyText, text => {
        const twice = withBlock(withBlock(text, { kind: 'manifests' }, LINES), PROCESS, LINES);
        expect(withoutBlocks(twice, findBlocks(twice))).toBe(text);
      }),
    );
  });
});

test('uses the line ends of the file', () => {
  expect(withBlock('1.1.1.1 a\r\n', PROCESS, LINES).replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(withBlock('1.1.1.1 a\n', PROCESS, LINES)).not.toContain('\r');
});

test.each([
  ['a beginning without an end', '1.1.1.1 a\n# switchboard: begin manifests\n2.2.2.2 b\n', /line 2 .*does not end/],
  ['an end without a beginning', '# switchboard: end\n', /line 1 .*did not begin/],
  [
    'one within another',
    '# switchboard: begin manifests\n# switchboard: begin manifests\n# switchboard: end\n',
    /line 2 .*within/,
  ],
])('reports %s', (_what, text, says) => {
  expect(() => findBlocks(text)).toThrow(says);
});

test('returns the lines outside of the blocks with their numbers', () => {
  const text = `127.0.0.1 localhost\n${withBlock('', PROCESS, LINES)}10.0.0.9 Web.Shop # old\n`;
  expect(othersLines(text, findBlocks(text))).toEqual([
    { address: '127.0.0.1', names: ['localhost'], number: 1 },
    { address: '10.0.0.9', names: ['web.shop'], number: 5 },
  ]);
});

describe('names', () => {
  const services = [
    { name: 'web', namespace: 'shop', addresses: ['127.1.0.1', '::1'] },
    { name: 'db', namespace: 'data', addresses: ['127.1.0.2', '127.1.0.3', '127.1.0.2'] },
    { name: 'localhost', namespace: 'shop', addresses: ['127.1.0.4'] },
  ];
  test('are full, short, and bare for one namespace; each address once', () => {
    const { lines, skipped } = hostsNames(services, {
      domain: 'cluster.local',
      namespace: 'shop',
      taken: new Set(['web.shop']),
    });
    expect(lines.map(({ address, names }) => `${address} ${names.join(' ')}`)).toEqual([
      '127.1.0.2 db.data.svc.cluster.local db.data.svc db.data',
      '127.1.0.3 db.data.svc.cluster.local db.data.svc db.data',
      '127.1.0.4 localhost.shop.svc.cluster.local localhost.shop.svc localhost.shop',
      '127.1.0.1 web.shop.svc.cluster.local web.shop.svc web',
      '::1 web.shop.svc.cluster.local web.shop.svc web',
    ]);
    expect(skipped).toEqual(['localhost', 'web.shop']);
  });
});

describe('rejects a block with', () => {
  const PID_WITH_A_LINE = Number('12\n127.0.0.1 bank.example');
  test.each<[what: string, owner: BlockOwner, lines: readonly HostsLine[]]>([
    ['a process that is not a number', { kind: 'process', mark: { pid: PID_WITH_A_LINE, started: '1@a' } }, LINES],
    ['a negative process', { kind: 'process', mark: { pid: -1, started: '1@a' } }, LINES],
    ['a start with a line break', { kind: 'process', mark: { pid: 12, started: '1\n127.0.0.1' } }, LINES],
    ['a start with a blank', { kind: 'process', mark: { pid: 12, started: '1 2' } }, LINES],
    ['an address with a line break', PROCESS, [{ address: '127.1.2.3\n10.0.0.1', names: ['web'] }]],
    ['an address that is a name', PROCESS, [{ address: 'web', names: ['web'] }]],
    ['a name with a line break', PROCESS, [{ address: '127.1.2.3', names: ['web\n10.0.0.1 bank.example'] }]],
    ['a name with a carriage return', PROCESS, [{ address: '127.1.2.3', names: ['web\r'] }]],
    ['two names in one', PROCESS, [{ address: '127.1.2.3', names: ['web bank.example'] }]],
    ['a comment', PROCESS, [{ address: '127.1.2.3', names: ['web#'] }]],
    ['an empty name', PROCESS, [{ address: '127.1.2.3', names: [''] }]],
    ['a name that is too long', PROCESS, [{ address: '127.1.2.3', names: [`${'a.'.repeat(130)}b`] }]],
  ])('%s', (_what, owner, lines) => {
    expect(() => blockLines(owner, lines)).toThrow(/the hosts file was not changed: ".*" is not /s);
    expect(() => withBlock('127.0.0.1 localhost\n', owner, lines)).toThrow(SwitchboardError);
  });
});
