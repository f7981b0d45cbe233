/** A forwarder with a manual clock, and its upstreams; closed when the test ends. */
import { onTestFinished } from 'vitest';
import { createForwarder, type Forwarder } from '../../src/dns/forward/forwarder.ts';
import type { ForwardEvent, ForwarderOptions } from '../../src/dns/forward/options.ts';
import type { ForwardedAnswer, ForwardQuestion } from '../../src/dns/resolver.ts';
import { FakeUpstream, type ReceivedQuery, recordsOf } from './dns-upstream.ts';
import { ManualClock } from './manual-clock.ts';

export async function upstream(onQuery?: (query: ReceivedQuery) => void): Promise<FakeUpstream> {
  const started = await FakeUpstream.start(onQuery);
  onTestFinished(() => started.close());
  return started;
}

export async function forwarder(
  upstreams: ForwarderOptions['upstreams'],
  settings: Partial<ForwarderOptions> = {},
): Promise<{ forwarder: Forwarder; clock: ManualClock; events: ForwardEvent[] }> {
  const clock = new ManualClock();
  const events: ForwardEvent[] = [];
  const created = await createForwarder({ clock, onEvent: event => events.push(event), ...settings, upstreams });
  onTestFinished(() => created.close());
  return { forwarder: created, clock, events };
}

export function question(name: string, more: Partial<ForwardQuestion> = {}): ForwardQuestion {
  const labels = name.split('.').map(label => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]));
  const wire = Buffer.concat([...labels, Buffer.of(0)]);
  return { name: wire, type: 1, dnssecOk: false, checkingDisabled: false, ...more };
}

export function addresses(answer: ForwardedAnswer): unknown[] {
  return recordsOf(answer).answers.map(record => (record.type === 'A' ? record.data : record.type));
}
