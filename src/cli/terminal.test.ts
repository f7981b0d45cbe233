import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { message, podLine, print, printErr, redraw } from './terminal.ts';

let out: string;
let err: string;
beforeEach(() => {
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation(text => {
    err += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

const HOSTILE = 'a\x1b]0;title\x07\r\x9b2Jb';
const VISIBLE = 'a\\x1b]0;title\\x07\\r\\u009b2Jb';

test('results and plans keep their lines, and show other control characters', () => {
  print(`one\ttwo\n${HOSTILE}\n`);
  printErr(`plan\n${HOSTILE}\n`);
  expect({ out, err }).toEqual({ out: `one\ttwo\n${VISIBLE}\n`, err: `plan\n${VISIBLE}\n` });
});

test('a message cannot forge another one', () => {
  message(`warning: the plugin failed: ${HOSTILE}\r\nready: 3 routes; Ctrl-C stops\nswitchboard: fine`);
  expect(err).toBe(`warning: the plugin failed: ${VISIBLE}\n  ready: 3 routes; Ctrl-C stops\n  switchboard: fine\n`);
});

test('a redrawn table clears the terminal by its own sequence only', () => {
  redraw(`A   B\n${HOSTILE}`);
  expect(out).toBe(`\x1b[2J\x1b[HA   B\n${VISIBLE}`);
});

describe('a line of a pod', () => {
  const paint = (text: string) => `\x1b[36m${text}\x1b[39m`;
  const isTerminal = (value: boolean) => {
    const before = process.stderr.isTTY;
    Object.defineProperty(process.stderr, 'isTTY', { value, configurable: true });
    return {
      [Symbol.dispose]: () =>
        void Object.defineProperty(process.stderr, 'isTTY', { value: before, configurable: true }),
    };
  };

  test('reaches a pipe as the pod wrote it', () => {
    using _pipe = isTerminal(false);
    podLine('web |', HOSTILE, text => text);
    expect(err).toBe(`web | ${HOSTILE}\n`);
  });

  test('keeps its colours on a terminal, which end with it', () => {
    using _terminal = isTerminal(true);
    podLine('web |', '\x1b[1;31mred\ttext', paint);
    podLine('web |', 'plain', paint);
    expect(err).toBe('\x1b[36mweb |\x1b[39m \x1b[1;31mred\ttext\x1b[0m\n\x1b[36mweb |\x1b[39m plain\n');
  });

  test('cannot replace the prefix on a terminal', () => {
    using _terminal = isTerminal(true);
    podLine('web |', 'x\rdb | fine', paint);
    podLine('web |', 'x\x1b[2K\x1b[Gdb | fine\x08\x85', paint);
    const prefix = paint('web |');
    expect(err).toBe(`${prefix} x\n${prefix} db | fine\n${prefix} x\\x1b[2K\\x1b[Gdb | fine\\x08\\u0085\n`);
  });

  test('has a prefix without control characters, whatever the pod is called', () => {
    using _terminal = isTerminal(true);
    podLine(`${HOSTILE} |`, 'x', paint);
    expect(err).toBe(`${paint(`${VISIBLE} |`)} x\n`);
  });
});
