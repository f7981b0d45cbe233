import { createSocket } from 'node:dgram';

/** A query for the name servers of the root, which every DNS server answers, at least with REFUSED. */
const DNS_QUERY = Buffer.from('5342010000010000000000000000020001', 'hex');

/** `silent` is normal for UDP: only DNS must answer. */
export type UdpReached = 'answers' | 'refused' | 'silent';

/** Sends one datagram (a DNS query to port 53, else an empty one) and waits for a reply or a refusal. */
export function reachUdp(address: string, port: number, timeoutMs: number): Promise<UdpReached> {
  return new Promise(resolve => {
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
    const done = (reached: UdpReached): void => {
      clearTimeout(timer);
      socket.close();
      resolve(reached);
    };
    const timer = setTimeout(done, timeoutMs, 'silent');
    socket.once('message', () => done('answers'));
    socket.once('error', () => done('refused'));
    // Connected, so that the system reports "port unreachable".
    socket.connect(port, address, () => socket.send(port === 53 ? DNS_QUERY : Buffer.alloc(0)));
  });
}
