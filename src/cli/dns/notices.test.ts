import { expect, test } from 'vitest';
import type { ForwardEvent } from '../../dns/index.ts';
import { type ForwardFlagName, forwardEventText } from './notices.ts';

const EVENTS: ForwardEvent[] = [
  { kind: 'loop', upstream: '192.0.2.1:53' },
  { kind: 'upstreams', upstreams: [], leftOut: [] },
  { kind: 'upstreams-unreadable', path: '/etc/resolv.conf', why: 'EACCES' },
];

test.each<ForwardFlagName>(['--forward', '--dns-forward'])('advises the flag that the command has: %s', flag => {
  for (const event of EVENTS) expect(forwardEventText(event, flag)).toMatch(new RegExp(` with ${flag}$`));
});
