import { beforeEach, describe, expect, test } from 'vitest';
import { query } from '../../../test/e2e/dns/client.ts';
import type { EncodedAnswer, Question } from '../answers.ts';
import { Epochs } from '../directory/epochs.ts';
import { WorkerAnswerSource } from './worker-answer-source.ts';

const LIMITS = { maxInFlight: 3, maxJoined: 2 };

function question(name: string): Question {
  const message = query(name);
  const parsed = { message, flags: 0, nameEnd: message.length - 4, name, hasOpt: false, dnssecOk: false };
  return { query: parsed, key: name, type: 1, transport: 'udp', limit: 512, start: 0 };
}

function found(bytes: string): EncodedAnswer {
  const count = { zone: '.', type: 1, rcode: 0, transport: 'udp', total: 0, cached: 0 } as const;
  const mark = { slot: 1, value: 0 };
  const answer = { mark, until: 0, limit: 512, count, ttlInfo: undefined, whole: true, bytes: Buffer.from(bytes) };
  return { ...answer, rotation: undefined, keep: true };
}

describe('the queries of a worker thread', () => {
  let sent: number[];
  let messages: Uint8Array[];
  let epochs: Epochs;
  let source: WorkerAnswerSource;
  const send = (id: number, { query: { message } }: Question): void => {
    sent.push(id);
    messages.push(message);
  };
  beforeEach(() => {
    sent = [];
    messages = [];
    epochs = new Epochs();
    source = new WorkerAnswerSource({ recursion: true, epochs, send, ...LIMITS });
  });

  test('are sent up to a limit, and again after an answer', async () => {
    const first = source.find(question('a'));
    for (let index = 0; index < 200_000; index++) source.find(question(`n${index}`));
    expect(sent).toHaveLength(3);
    expect(source.find(question('b'))).toBeUndefined();
    const answer = found('one');
    source.answer(sent[0] ?? 0, answer);
    expect(await first).toBe(answer);
    expect(source.find(question('b'))).toBeInstanceOf(Promise);
    expect(sent).toHaveLength(4);
  });

  test('that are equal are sent once, for a limited number of clients', async () => {
    const all = [1, 2, 3, 4].map(() => source.find(question('a')));
    expect(sent).toHaveLength(1);
    expect(all[3]).toBeUndefined();
    const answer = found('one');
    source.answer(sent[0] ?? 0, answer);
    expect(await Promise.all(all.slice(0, 3))).toEqual([answer, answer, answer]);
    expect([1, 2, 3].map(() => source.find(question('a')) === undefined)).toEqual([false, false, false]);
  });

  test('are sent again after a change, so that clients see it', () => {
    source.find(question('a'));
    epochs.changed();
    source.find(question('a'));
    expect(sent).toHaveLength(2);
  });

  test('are sent without the memory around them', () => {
    source.find(question('a'));
    for (const bytes of messages) expect(bytes.buffer.byteLength).toBe(bytes.length);
    expect(messages).toHaveLength(1);
  });
});
