import type { ForwardEvent } from '../../dns/index.ts';

/** A line about upstream servers for standard error; undefined: nothing that needs saying. */
export function forwardEventText(event: ForwardEvent): string | undefined {
  switch (event.kind) {
    case 'down':
      return `warning: DNS server ${event.upstream} does not answer: ${event.why}; it is left out until it does`;
    case 'up':
      return `note: DNS server ${event.upstream} answers again`;
    case 'loop':
      return `warning: DNS server ${event.upstream} asks this one in turn, so it is not asked; name another with --forward`;
    case 'upstreams':
      if (event.upstreams.length > 0) return undefined;
      return 'warning: there is no DNS server to ask for other names; name one with --forward';
    case 'upstreams-unreadable':
      return `warning: ${event.path} cannot be read: ${event.why}; name a DNS server with --forward`;
  }
}
