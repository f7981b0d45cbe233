import { messageOf, SwitchboardError, systemCodeOf } from '../../errors.ts';
import { hostPort, type SocketAddress } from '../../net/index.ts';
import { PortOwners } from '../../system/index.ts';

/** The error for an address that is not available, with the reason and what to do. */
export async function listenError(
  place: SocketAddress,
  protocol: 'UDP' | 'TCP',
  error: unknown,
): Promise<SwitchboardError> {
  const why = await reason(place, protocol, error);
  const message = `cannot answer DNS on ${hostPort(place.address, place.port)} (${protocol}): ${why}`;
  return new SwitchboardError('SWB_LISTEN_FAILED', message, { cause: error, details: { ...place, protocol } });
}

async function reason(place: SocketAddress, protocol: 'UDP' | 'TCP', error: unknown): Promise<string> {
  switch (systemCodeOf(error)) {
    case 'EADDRINUSE':
      return `${await new PortOwners().describe({ protocol, ...place })}; choose another port`;
    case 'EACCES':
    case 'EPERM':
      return `port ${place.port} needs root; choose a port from 1024 up`;
    case 'EADDRNOTAVAIL':
      return 'no interface of this machine has this address';
    case 'EAFNOSUPPORT':
      return 'this machine has no addresses of this family';
    default:
      return messageOf(error);
  }
}
