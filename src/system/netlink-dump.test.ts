import { expect, test } from 'vitest';
import { type NetlinkMessage, NLM_F_DUMP_INTR, NLMSG_DONE, NLMSG_ERROR } from './netlink.ts';
import { type DumpSocket, dump, MAX_DUMPS } from './netlink-dump.ts';

const THING = 20;

/** A kernel that answers each request with the next of these dumps, one chunk a read. */
class ScriptedSocket implements DumpSocket {
  requests = 0;
  onReceive: () => void = () => undefined;
  readonly #dumps: readonly (readonly Partial<NetlinkMessage>[][])[];
  #chunks: Partial<NetlinkMessage>[][] = [];

  constructor(dumps: readonly (readonly Partial<NetlinkMessage>[][])[]) {
    this.#dumps = dumps;
  }

  begin(): number {
    this.#chunks = [...(this.#dumps[Math.min(this.requests, this.#dumps.length - 1)] ?? [])];
    return ++this.requests;
  }

  drain(): NetlinkMessage[] {
    this.#chunks = [];
    return [];
  }

  receive(): NetlinkMessage[] {
    this.onReceive();
    const chunk = this.#chunks.shift();
    if (chunk === undefined) throw new Error('read behind the end');
    return chunk.map(message => ({
      type: THING,
      flags: 0,
      sequence: this.requests,
      port: 0,
      payload: Buffer.alloc(0),
      ...message,
    }));
  }
}

const thing = (name: string, flags = 0) => ({ payload: Buffer.from(name), flags });
const done = (flags = 0) => ({ type: NLMSG_DONE, flags });
const names = (socket: DumpSocket) => dump(socket, 1, Buffer.alloc(0), ({ payload }) => payload.toString());

test.each([
  ['in the middle', [[thing('a')], [thing('a', NLM_F_DUMP_INTR)], [done()]]],
  ['at its end', [[thing('a'), thing('b')], [done(NLM_F_DUMP_INTR)]]],
])('a dump that a change interrupted is repeated, and nothing of it counts: %s', async (_where, interrupted) => {
  const socket = new ScriptedSocket([interrupted, interrupted, [[thing('a')], [thing('c'), done()]]]);
  expect(await names(socket)).toEqual(['a', 'c']);
  expect(socket.requests).toBe(3);
});

test('a kernel that changes all the time is reported after a bounded number of dumps', async () => {
  const socket = new ScriptedSocket([[[thing('a', NLM_F_DUMP_INTR), done()]]]);
  await expect(names(socket)).rejects.toThrow('changes faster than it can be read: EINTR');
  expect(socket.requests).toBe(MAX_DUMPS);
});

test('a refusal is an error with its number, and answers to earlier requests are skipped', async () => {
  const refusal = Buffer.alloc(4);
  refusal.writeInt32LE(-2);
  const socket = new ScriptedSocket([
    [[{ ...thing('late'), sequence: 99 }], [{ type: NLMSG_ERROR, payload: refusal }]],
  ]);
  await expect(names(socket)).rejects.toThrow('ENOENT');
});

test('the event loop turns between two chunks', async () => {
  const chunks = Array.from({ length: 5 }, (_, i) => [thing(`${i}`)]);
  const socket = new ScriptedSocket([[...chunks, [done()]]]);
  let turns = 0;
  const seen: number[] = [];
  socket.onReceive = () => {
    seen.push(turns);
    setImmediate(() => turns++);
  };
  await names(socket);
  expect(seen).toEqual([0, 1, 2, 3, 4, 5]);
});
