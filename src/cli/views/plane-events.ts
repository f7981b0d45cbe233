import { hostPort } from '../../kube/address.ts';
import type { NftablesEvent } from '../../planes/nftables/index.ts';
import type { PlaneEvent } from '../../planes/userspace/index.ts';

/** What the plane says while it runs, as one line for people, with the code of `docs/errors.md` where it is an error. */
export function planeEventText(event: PlaneEvent | NftablesEvent): string {
  switch (event.event) {
    case 'connect-failed': {
      const tried = event.tried.map(({ endpoint, code }) => `${endpoint} ${code}`).join(', ');
      const what = `no endpoint took the connection from ${event.client} (tried ${tried || 'none'})`;
      return `${routeText(event.route)}: ${what}${more(event.unreported)} (SWB_CONNECT_FAILED)`;
    }
    case 'endpoint-ejected': {
      const wait = `${(event.forMs / 1000).toFixed(0)} s`;
      return `${routeText(event.route)}: ${event.endpoint} does not answer (${event.code}); others are tried first for ${wait}`;
    }
    case 'out-of-files': {
      const limit = event.limit === undefined ? '' : ` of ${event.limit}`;
      const what = `this process has used its limit${limit} of open files, so connections are turned away`;
      return `${routeText(event.route)}: ${what}; raise it with ulimit -n${more(event.unreported)} (SWB_TOO_MANY_FILES)`;
    }
    case 'accept-failed':
      return `${routeText(event.route)}: a connection could not be taken (${event.code})${more(event.unreported)}`;
    case 'flows-evicted':
      return `more than ${event.limit} UDP clients at once: the longest idle ones are forgotten${more(event.unreported)}`;
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

/** `shop/web:http/TCP/IPv4` -> `shop/web:http`; protocol and family are said where they are not the usual ones. */
function routeText(key: string): string {
  return key
    .replace(/\/IPv4$/, '')
    .replace(/\/TCP$/, '')
    .replace(/:$/, '');
}

function more(unreported: number): string {
  return unreported > 0 ? `, and ${unreported} more like this` : '';
}
