import { type Answer, decode } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { query, recordText } from '../../../test/e2e/dns/client.ts';
import { EMPTY_REPLY, encodeReply, type Query, type Reply } from './message.ts';
import { TCP_BYTES } from './numbers.ts';
import { questionEnd } from './records.ts';

const TARGET = 'www.example.org';
const ALIAS = 'out.default.svc.cluster.local';
const CNAME: Answer = { type: 'CNAME', name: ALIAS, ttl: 5, data: TARGET };

function asked(name: string): Query {
  const message = query(name);
  return { message, flags: 0x100, nameEnd: questionEnd(message) - 4, name, hasOpt: false, dnssecOk: false };
}

/** The message of an upstream, with compressed names. */
function upstream(sections: Partial<Reply>, name = TARGET): Buffer {
  return encodeReply(asked(name), { ...EMPTY_REPLY, ...sections }, TCP_BYTES).bytes;
}

const names = fc
  .array(fc.constantFrom('www', 'example', 'org', 'a', 'b-1', 'x'.repeat(63)), { minLength: 1, maxLength: 3 })
  .map(labels => labels.join('.'));
const anyRecord: fc.Arbitrary<Answer> = fc.oneof(
  fc.tuple(names, names).map(([name, data]) => ({ type: 'NS' as const, name, ttl: 60, data })),
  names.map(name => ({ type: 'A' as const, name, ttl: 60, data: '192.0.2.1' })),
  fc.tuple(names, names, names).map(([name, mname, rname]) => ({
    type: 'SOA' as const,
    name,
    ttl: 60,
    data: { mname, rname, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
  })),
  fc.tuple(names, names).map(([name, target]) => ({ type: 'SRV' as const, name, ttl: 60, data: { port: 80, target } })),
);
const anySections = fc.record({
  answers: fc.array(anyRecord, { maxLength: 6 }),
  authorities: fc.array(anyRecord, { maxLength: 3 }),
  additionals: fc.array(anyRecord, { maxLength: 3 }),
});

describe('records of an upstream', () => {
  test('follow the same question byte for byte', () => {
    fc.assert(
      fc.property(anySections, sections => {
        const message = upstream(sections);
        const passedOn = { message, sections: ['answer', 'authority', 'additional'] as const };
        const { bytes, truncated } = encodeReply(asked(TARGET), { ...EMPTY_REPLY, passedOn }, TCP_BYTES);
        expect([bytes, truncated]).toEqual([message, false]);
      }),
    );
  });

  test('are in a message with its own memory, since it is cached', () => {
    const { bytes } = encodeReply(asked(TARGET), EMPTY_REPLY, TCP_BYTES);
    expect(bytes.buffer.byteLength).toBe(bytes.length);
  });

  test('stay the same after a CNAME record that Switchboard adds, whatever they point to', () => {
    fc.assert(
      fc.property(anySections, sections => {
        const passedOn = { message: upstream(sections), sections: ['answer', 'authority'] as const };
        const { bytes } = encodeReply(asked(ALIAS), { ...EMPTY_REPLY, answers: [CNAME], passedOn }, TCP_BYTES);
        const { answers = [], authorities = [], additionals = [] } = decode(bytes);
        expect(answers.map(recordText)).toEqual([CNAME, ...sections.answers].map(recordText));
        expect(authorities.map(recordText)).toEqual(sections.authorities.map(recordText));
        expect(additionals).toEqual([]);
      }),
    );
  });

  test('are cut only between records, with TC', () => {
    fc.assert(
      fc.property(anySections, fc.integer({ min: 40, max: 600 }), fc.boolean(), (sections, limit, behindAlias) => {
        const passedOn = {
          message: upstream(sections),
          sections: ['answer', 'authority', 'additional'] as const,
        };
        const answers = behindAlias ? [CNAME] : [];
        const question = asked(behindAlias ? ALIAS : TARGET);
        const { bytes, truncated } = encodeReply(question, { ...EMPTY_REPLY, answers, passedOn }, limit);
        const whole = [...answers, ...sections.answers, ...sections.authorities, ...sections.additionals];
        const packet = decode(bytes);
        const left = [...(packet.answers ?? []), ...(packet.authorities ?? []), ...(packet.additionals ?? [])];
        expect(bytes.length).toBeLessThanOrEqual(Math.max(limit, questionEnd(bytes)));
        expect(left.map(recordText)).toEqual(whole.slice(0, left.length).map(recordText));
        expect([packet.flag_tc, truncated]).toEqual([left.length < whole.length, left.length < whole.length]);
        if (truncated) expect(packet.additionals).toEqual([]);
      }),
    );
  });

  test('with pointers beyond their range are left out, with TC', () => {
    const filler = (name: string, bytes: number): Answer => ({ type: 'TXT', name, ttl: 1, data: Buffer.alloc(bytes) });
    const far: Answer = { type: 'A', name: 'far.example', ttl: 1, data: '192.0.2.1' };
    const fillers = Array.from({ length: 59 }, (_, index) => filler(`t${index}.org`, 255));
    /** The last record points to an offset near the maximum. */
    const messageWith = (pad: number) => upstream({ answers: [...fillers, filler('pad.org', pad), far, far] });
    const pad = 1 + 0x3ff0 - messageWith(1).indexOf('\x03far');
    const reply = (message: Buffer) => {
      const passedOn = { message, sections: ['answer'] as const };
      return encodeReply(asked(ALIAS), { ...EMPTY_REPLY, answers: [CNAME], passedOn }, TCP_BYTES);
    };
    const [near, beyond] = [reply(messageWith(1)), reply(messageWith(pad))];
    expect([decode(near.bytes).answers?.length, near.truncated]).toEqual([63, false]);
    expect([decode(beyond.bytes).answers?.length, beyond.truncated]).toEqual([1, true]);
  });
});
