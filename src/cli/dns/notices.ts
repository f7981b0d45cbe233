import type { ForwardEvent } from '../../dns/index.ts';

/** The flag of a command that names upstream servers. */
export type ForwardFlagName = '--forward' | '--dns-forward';

/** A line about upstream servers for standard error; undefined for events that users need not see. */
export function forwardEventText(event: ForwardEvent, flag: ForwardFlagName): string | undefined {
  switch (event.kind) {
    case 'down':
      return `warning: DNS server ${event.upstream} does not answer: ${event.why}; it gets no queries until it does`;
    case 'up':
      return `note: DNS server ${event.upstream} answers again`;
    case 'loop':
      return `warning: DNS server ${event.upstream} forwards queries back to this server, so it gets none; name another with ${flag}`;
    case 'upstreams':
      if (event.upstreams.length > 0) return undefined;
      return `warning: no upstream DNS server found for other names; name one with ${flag}`;
    case 'upstreams-unreadable':
      return `warning: ${event.path} cannot be read: ${event.why}; name a DNS server with ${flag}`;
  }
}
