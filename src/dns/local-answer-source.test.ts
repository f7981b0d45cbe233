import { decode } from 'dns-packet';
import { expect, test } from 'vitest';
import { query, wireName } from '../../test/e2e/dns/client.ts';
import { passedOn } from '../../test/support/dns-upstream.ts';
import { ObjectStore } from '../world/index.ts';
import { Directory } from './directory/directory.ts';
import { LocalAnswerSource } from './local-answer-source.ts';
import { Lookup } from './lookup.ts';
import { Zones } from './names/name.ts';
import { DEFAULT_RECORD_OPTIONS } from './record-options.ts';
import type { ForwardedAnswer, Resolver } from './resolver.ts';
import { Responder } from './responder.ts';
import { DnsStatistics } from './statistics.ts';

/** A responder with a manual clock and a resolver with one answer. */
function forwarding(ttl: number, extra: Partial<ForwardedAnswer> = {}) {
  const state = { now: 0, asked: 0 };
  const name = 'www.example.org';
  const answers = [{ type: 'A', name, ttl, data: '192.0.2.1' } as const];
  const resolver: Resolver = {
    cached: () => {
      state.asked += 1;
      return passedOn({ name: wireName(name) }, { answers, ...extra });
    },
    resolve: () => Promise.reject(new Error('it is cached')),
    close: async () => undefined,
  };
  const directory = new Directory({ store: new ObjectStore(), options: DEFAULT_RECORD_OPTIONS, now: () => 0 });
  directory.update([], []);
  const policy = { forwarding: true, ownZones: [] };
  const lookup = new Lookup({ directory, zones: new Zones([]), policy });
  const statistics = new DnsStatistics();
  const source = new LocalAnswerSource({ directory, lookup, resolver, statistics });
  const responder = new Responder({ source, epochs: directory.epochs, statistics, now: () => state.now });
  const ttlAt = (now: number): unknown => {
    state.now = now;
    const response = responder.respond(query(name), 'udp');
    const [answer] = response instanceof Buffer ? (decode(response).answers ?? []) : [];
    return answer !== undefined && 'ttl' in answer ? answer.ttl : undefined;
  };
  return { state, directory, ttlAt };
}

test('the TTL of a cached forwarded answer counts down, and after ten seconds the resolver is asked again', () => {
  const { state, ttlAt } = forwarding(60);
  expect([0, 999, 1000, 9999].map(ttlAt)).toEqual([60, 60, 59, 51]);
  expect(state.asked).toBe(1);
  expect(ttlAt(10_000)).toBe(60);
  expect(state.asked).toBe(2);
});

test('a forwarded answer is cached no longer than its TTL, and not at all with a TTL of 0', () => {
  const short = forwarding(2);
  expect([0, 1999, 2000].map(short.ttlAt)).toEqual([2, 1, 2]);
  expect(short.state.asked).toBe(2);
  const none = forwarding(0);
  expect([0, 0, 1].map(none.ttlAt)).toEqual([0, 0, 0]);
  expect(none.state.asked).toBe(3);
});

test('a stale answer is cached for a second', () => {
  const { state, ttlAt } = forwarding(30, { extendedError: { code: 3, text: 'stale' } });
  expect([0, 999, 1000].map(ttlAt)).toEqual([30, 30, 30]);
  expect(state.asked).toBe(2);
});

test('a change of Services does not invalidate forwarded answers', () => {
  const { state, directory, ttlAt } = forwarding(60);
  ttlAt(0);
  directory.epochs.changed();
  ttlAt(1);
  expect(state.asked).toBe(1);
});
