/**
 * Names outside our zones: forwarded queries, ExternalName Services, names that are never forwarded.
 */
import type { Answer } from 'dns-packet';
import { describe, expect, test } from 'vitest';
import type { ForwardedAnswer, ForwardQuestion, Resolver } from '../../../src/dns/index.ts';
import { type AnswerParts, passedOn } from '../../support/dns-upstream.ts';
import { framed, hear, query, TYPES, wireName } from './client.ts';
import { Served } from './serve.ts';
import { WORLD } from './world.ts';

const SOA: Answer = {
  type: 'SOA',
  name: 'example.org',
  ttl: 60,
  data: { mname: 'ns.example.org', rname: 'host.example.org' },
};

type Parts = AnswerParts & Partial<ForwardedAnswer>;

/** A resolver with scripted answers that records its questions. */
class Scripted implements Resolver {
  readonly asked: { name: string; question: ForwardQuestion }[] = [];
  readonly #answer: (name: string) => Parts;
  readonly #known: boolean;

  constructor(answer: (name: string) => Parts, known = false) {
    this.#answer = answer;
    this.#known = known;
  }

  cached(question: ForwardQuestion): ForwardedAnswer | undefined {
    return this.#known ? this.#say(question) : undefined;
  }

  async resolve(question: ForwardQuestion): Promise<ForwardedAnswer> {
    return this.#say(question);
  }

  async close(): Promise<void> {}

  #say(question: ForwardQuestion): ForwardedAnswer {
    const name = textOf(question.name);
    this.asked.push({ name, question });
    return passedOn(question, this.#answer(name));
  }
}

function textOf(name: Uint8Array): string {
  const labels: string[] = [];
  for (let at = 0; (name[at] ?? 0) !== 0; at += (name[at] ?? 0) + 1) {
    labels.push(Buffer.from(name.subarray(at + 1, at + 1 + (name[at] ?? 0))).toString('latin1'));
  }
  return labels.join('.');
}

async function withResolver<T>(resolver: Scripted, act: (served: Served) => Promise<T>): Promise<T> {
  const served = await Served.start(WORLD, {}, { resolver });
  try {
    return await act(served);
  } finally {
    await served.close();
  }
}

const a = (name: string, data = '192.0.2.7') => ({ type: 'A', name, ttl: 77, data }) as const;

describe('a CNAME of an ExternalName Service', () => {
  const ask = (answer: Parts, type = 'A', known = false) =>
    withResolver(new Scripted(() => answer, known), async served =>
      hear(await served.udp().ask(query('out.default.svc.cluster.local', { type: TYPES[type] ?? 0 }))),
    );
  const CNAME = 'out.default.svc.cluster.local CNAME www.example.org';

  test.each([false, true])('comes with the answer of its target, which keeps its TTL (cached: %s)', async known => {
    const heard = await ask({ answers: [a('www.example.org')] }, 'A', known);
    expect(heard.answers).toEqual([CNAME, 'www.example.org A 192.0.2.7']);
    expect(heard.packet.answers?.map(r => ('ttl' in r ? r.ttl : 0))).toEqual([5, 77]);
    expect([heard.aa, heard.ra]).toEqual([true, true]);
  });

  test('comes alone if the target has no such record', async () => {
    expect(await ask({ authorities: [SOA] })).toMatchObject({ rcode: 'NOERROR', answers: [CNAME] });
  });

  test('has TC over UDP if the answer for the target is truncated', async () => {
    await withResolver(new Scripted(() => ({ truncated: true })), async served => {
      const ask = query('out.default.svc.cluster.local');
      const [cut, whole] = [hear(await served.udp().ask(ask)), hear(await served.tcp().ask(ask))];
      expect([cut.tc, cut.answers.length, whole.tc, whole.answers.length]).toEqual([true, 1, false, 1]);
    });
  });

  test('comes with NXDOMAIN and the upstream SOA if the target does not exist', async () => {
    const heard = await ask({ rcode: 3, authorities: [SOA] });
    expect(heard).toMatchObject({ rcode: 'NXDOMAIN', answers: [CNAME] });
    expect(heard.authorities).toEqual(['example.org SOA ns.example.org host.example.org']);
  });

  test.each([2, 5])('comes alone if the upstream fails (rcode %d)', async rcode => {
    expect(await ask({ rcode })).toMatchObject({ rcode: 'NOERROR', answers: [CNAME], authorities: [] });
  });

  test.each(['CNAME', 'TXT', 'SRV', 'HTTPS'])('is not followed for %s', async type => {
    const resolver = new Scripted(() => ({ rcode: 2 }));
    await withResolver(resolver, async served => {
      const heard = hear(await served.udp().ask(query('out.default.svc.cluster.local', { type: TYPES[type] ?? 0 })));
      expect(heard.answers).toEqual([CNAME]);
    });
    expect(resolver.asked).toEqual([]);
  });

  test('makes the resolver query the target', async () => {
    const resolver = new Scripted(() => ({}));
    await withResolver(resolver, served => served.udp().ask(query('out.default.svc.cluster.local', { type: 28 })));
    expect(resolver.asked.map(({ name, question }) => [name, question.type])).toEqual([['www.example.org', 28]]);
  });
});

describe('names outside our zones', () => {
  test('are forwarded unchanged, and so is the answer', async () => {
    const mx: Answer = {
      type: 'MX',
      name: 'Example.ORG',
      ttl: 9,
      data: { preference: 10, exchange: 'mail.example.org' },
    };
    const resolver = new Scripted(() => ({ answers: [mx], additionals: [a('mail.example.org')], authenticated: true }));
    await withResolver(resolver, async served => {
      const message = query('eXample.org', { type: TYPES.MX ?? 0, flags: 0x0110, edns: { dnssecOk: true } });
      const heard = hear(await served.udp().ask(message));
      expect([heard.aa, heard.ra, heard.packet.flag_ad, heard.packet.flag_cd]).toEqual([false, true, true, true]);
      expect(heard.packet.answers?.[0]).toMatchObject({ type: 'MX', ttl: 9, data: { exchange: 'mail.example.org' } });
      expect(heard.additionals).toEqual(['mail.example.org A 192.0.2.7']);
    });
    const [first] = resolver.asked;
    expect(first?.name).toBe('eXample.org');
    expect(first?.question).toMatchObject({ type: 15, dnssecOk: true, checkingDisabled: true });
  });

  test('records of unknown types come back byte for byte', async () => {
    const resolver: Resolver = {
      cached: () => undefined,
      resolve: async question => {
        const { message: none } = passedOn(question, {});
        if (none === undefined) throw new Error('there is no message');
        // A pointer to the question, type 65280, class IN, TTL 9, two bytes.
        const record = Buffer.from('c00cff00000100000009000212ff', 'hex');
        const message = Buffer.concat([none, record]);
        message.writeUInt16BE(1, 6);
        return { rcode: 0, authenticated: false, message };
      },
      close: async () => undefined,
    };
    const served = await Served.start(WORLD, {}, { resolver });
    const message = query('eXample.org', { type: 65_280 });
    const answer = await served.udp().ask(message);
    expect(answer.subarray(12).toString('hex')).toBe(
      `${message.subarray(12).toString('hex')}c00cff00000100000009000212ff`,
    );
    await served.close();
  });

  test('an answer that is too large for the client is cut between records and has TC', async () => {
    const many = Array.from({ length: 40 }, (_, i) => a('example.org', `192.0.2.${i}`));
    await withResolver(new Scripted(() => ({ answers: many, additionals: [a('x.org')] }), true), async served => {
      for (const [payload, limit] of [
        [undefined, 512],
        [512, 512],
        [900, 900],
      ] as const) {
        const bytes = await served.udp().ask(query('example.org', payload === undefined ? {} : { edns: { payload } }));
        const heard = hear(bytes);
        expect([bytes.length <= limit, heard.tc, heard.additionals]).toEqual([true, true, []]);
        expect(heard.answers).toEqual(many.slice(0, heard.answers.length).map(({ data }) => `example.org A ${data}`));
        expect(heard.answers.length).toBeGreaterThan(10);
      }
    });
  });

  test('a failure has its reason in the OPT record if the client sent one', async () => {
    const resolver = new Scripted(() => ({ rcode: 2, extendedError: { code: 22, text: 'no server responds' } }));
    await withResolver(resolver, async served => {
      const heard = hear(await served.udp().ask(query('example.org', { edns: {} })));
      expect(heard.rcode).toBe('SERVFAIL');
      const opt = heard.packet.additionals?.find(record => record.type === 'OPT');
      expect(opt?.type === 'OPT' ? opt.options[0]?.data?.toString('latin1') : '').toBe('\0\x16no server responds');
      expect(hear(await served.udp().ask(query('example.org'))).packet.additionals).toEqual([]);
    });
  });

  test('cached answers of the resolver stay encoded for a short time only', async () => {
    const resolver = new Scripted(() => ({ answers: [a('example.org')] }), true);
    await withResolver(resolver, async served => {
      for (let i = 0; i < 50; i++) await served.udp().ask(query('example.org'));
    });
    expect(resolver.asked.length).toBeLessThan(10);
  });

  test('large answers are truncated over UDP and complete over TCP', async () => {
    const many = Array.from({ length: 200 }, (_, i) => a('example.org', `192.0.2.${i}`));
    await withResolver(new Scripted(() => ({ answers: many })), async served => {
      const cut = await served.udp().ask(query('example.org', { edns: { payload: 4096 } }));
      expect([cut.length <= 1232, hear(cut).tc]).toEqual([true, true]);
      const whole = hear(await served.tcp().ask(query('example.org')));
      expect([whole.answers.length, whole.tc]).toEqual([200, false]);
    });
  });

  test.each([false, true])('a truncated answer has TC over UDP and is SERVFAIL over TCP (cached: %s)', async cached => {
    await withResolver(new Scripted(() => ({ truncated: true }), cached), async served => {
      for (let i = 0; i < 2; i++) {
        const cut = hear(await served.udp().ask(query('example.org', { edns: {} })));
        expect([cut.rcode, cut.tc, cut.answers]).toEqual(['NOERROR', true, []]);
        const { rcode, tc, packet } = hear(await served.tcp().ask(query('example.org', { edns: {} })));
        const [opt] = packet.additionals ?? [];
        expect([rcode, tc]).toEqual(['SERVFAIL', false]);
        expect(opt?.type === 'OPT' ? opt.options[0]?.data?.toString('latin1') : '').toContain('over TCP');
      }
    });
  });

  test.each([
    'web.default.svc.cluster.local',
    'missing.default.svc.cluster.local',
    'out.default.svc.cluster.local.cluster.local',
    'localhost',
    'x.localhost',
    'x.invalid',
    'x.test',
    'printer.local',
    '1.0.0.127.in-addr.arpa',
    '10.0.96.10.in-addr.arpa',
  ])('%s is never forwarded', async name => {
    const resolver = new Scripted(() => ({ rcode: 2 }));
    await withResolver(resolver, async served => {
      for (const type of [1, 28, 12, 255]) await served.udp().ask(query(name, { type }));
    });
    expect(resolver.asked).toEqual([]);
  });

  test.each(['x.test', 'printer.local', 'x.invalid'])(
    '%s is forwarded if the user has named an upstream',
    async name => {
      const resolver = new Scripted(() => ({ answers: [a(name)] }));
      const served = await Served.start(WORLD, {}, { resolver, forwardedZones: ['.'] });
      expect(hear(await served.udp().ask(query(name))).answers).toEqual([`${name} A 192.0.2.7`]);
      expect(hear(await served.udp().ask(query('x.localhost'))).answers).toEqual(['x.localhost A 127.0.0.1']);
      await served.close();
      expect(resolver.asked.map(asked => asked.name)).toEqual([name]);
    },
  );

  test('the reverse name of an unknown address is forwarded', async () => {
    const resolver = new Scripted(() => ({ rcode: 3, authorities: [SOA] }));
    await withResolver(resolver, async served => {
      expect(hear(await served.udp().ask(query('9.9.9.10.in-addr.arpa', { type: 12 }))).aa).toBe(false);
    });
    expect(resolver.asked).toHaveLength(1);
  });

  test('queries that wait for an upstream do not delay others', async () => {
    let release: (answer: ForwardedAnswer) => void = () => undefined;
    const waiting = new Promise<ForwardedAnswer>(done => {
      release = done;
    });
    const resolver: Resolver = { resolve: () => waiting, cached: () => undefined, close: async () => undefined };
    const served = await Served.start(WORLD, {}, { resolver });
    const client = served.tcp();
    client.write(Buffer.concat([framed(query('example.org', { id: 1 })), framed(query('cluster.local', { id: 2 }))]));
    expect((await client.next()).readUInt16BE(0)).toBe(2);
    release(passedOn({ name: wireName('example.org') }, {}));
    expect((await client.next()).readUInt16BE(0)).toBe(1);
    await served.close();
  });
});
