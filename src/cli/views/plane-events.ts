import { hostPort } from '../../net/index.ts';
import type { NftablesEvent } from '../../planes/nftables/index.ts';
import type { PlaneEvent } from '../../planes/userspace/index.ts';

/** An event of a running plane as one line for people, with a code of docs/errors.md for errors. */
export function planeEventText(event: PlaneEvent | NftablesEvent): string {
  switch (event.event) {
    case 'connect-failed': {
      const tried = event.tried.map(({ endpoint, code }) => `${endpoint} ${code}`).join(', ');
      const what = `no endpoint accepted the connection from ${event.client} (tried ${tried || 'none'})`;
      return `${routeText(event.route)}: ${what}${more(event.unreported)} (SWB_CONNECT_FAILED)`;
    }
    case 'endpoint-ejected': {
      const wait = `${(event.forMs / 1000).toFixed(0)} s`;
      return `${routeText(event.route)}: ${event.endpoint} does not answer (${event.code}); other endpoints are preferred for ${wait}`;
    }
    case 'out-of-files': {
      const files = event.limit === undefined ? 'open files' : `${event.limit} open files`;
      const what = `this process has reached its limit of ${files}, so connections are refused`;
      return `${routeText(event.route)}: ${what}; raise it with ulimit -n${more(event.unreported)} (SWB_TOO_MANY_FILES)`;
    }
    case 'accept-failed':
      return `${routeText(event.route)}: cannot accept a connection (${event.code})${more(event.unreported)}`;
    case 'flows-evicted':
      return `more than ${event.limit} UDP clients at once: dropped the longest idle ones${more(event.unreported)}`;
    case 'listener-moved':
      return `${routeText(event.route)}: listens on ${hostPort(event.address, event.port)}: ${event.reason} (SWB_PORT_MOVED)`;
    case 'listener-failed':
      return `${routeText(event.route)}: cannot listen on ${hostPort(event.address, event.port)}: ${event.reason} (SWB_LISTEN_FAILED)`;
    case 'route-rejected':
      return `${routeText(event.route)}: the kernel rejected the route, its previous version stays: ${event.reason} (SWB_NFT_FAILED)`;
    case 'repaired':
      return `another program changed the ${event.family} rules; they are repaired (${event.differences} elements differed)`;
    case 'repair-failed':
      return `another program changed the rules, and they cannot be repaired: ${event.reason} (SWB_NFT_FAILED)`;
    case 'flows-kept':
      return `UDP flows may continue to endpoints that are gone: ${event.reason}`;
  }
}

/** `shop/web:http/TCP/IPv4` -> `shop/web:http`; omits TCP and IPv4. */
function routeText(key: string): string {
  return key
    .replace(/\/IPv4$/, '')
    .replace(/\/TCP$/, '')
    .replace(/:$/, '');
}

function more(unreported: number): string {
  return unreported > 0 ? `, and ${unreported} more like this` : '';
}
