import { createServer } from 'node:net';
import { datagramsOf } from '../../link/index.ts';
import { type AddressBlock, hostPort, type SocketAddress } from '../../net/index.ts';
import { listen, type NetworkSockets, relay, reset } from '../../system/index.ts';
import { RelayAddresses } from '../relay-addresses.ts';
import { UdpRelay } from '../udp-relay.ts';
import { runProgram } from './programs.ts';

/** Connects in the host's network. Rejects with the system's error. */
export type ConnectFromHost = Pick<NetworkSockets, 'connectTcp' | 'connectUdp'>;

interface Relay {
  close(): void;
}

/** Link-local, as the router's address, and apart from it. */
const BLOCK: AddressBlock = { first: ((169 << 24) | (254 << 16) | (2 << 8) | 1) >>> 0, size: 254 * 256 };

/**
 * Gives endpoints of the host's network, such as a process in an IDE at 127.0.0.1, an address in the network of the pods.
 * Connections to it go on to the host.
 */
export class HostRelays {
  readonly #connect: ConnectFromHost;
  readonly #addresses = new RelayAddresses(BLOCK);
  readonly #added = new Map<string, Promise<string>>();
  readonly #relays = new Map<string, Promise<Relay>>();

  constructor(connect: ConnectFromHost) {
    this.#connect = connect;
  }

  /**
   * The address at which pods reach a port of the host.
   *
   * @throws SWB_POD_NETWORK; the system's error if the relay cannot listen
   */
  async reach(protocol: 'TCP' | 'UDP', to: SocketAddress): Promise<string> {
    const address = await this.#add(this.#addresses.of(to.address));
    const at = { address, port: to.port };
    const key = `${protocol} ${hostPort(address, to.port)}`;
    let opening = this.#relays.get(key);
    if (opening === undefined) {
      opening =
        protocol === 'TCP'
          ? this.#openTcp(at, to)
          : UdpRelay.open(at, async () => datagramsOf(await this.#connect.connectUdp(to)));
      this.#relays.set(key, opening);
      opening.catch(() => this.#relays.delete(key));
    }
    await opening;
    return address;
  }

  async close(): Promise<void> {
    for (const opened of await Promise.allSettled(this.#relays.values())) {
      if (opened.status === 'fulfilled') opened.value.close();
    }
  }

  /** The address that stands for one of the host's, whether or not a relay listens there yet. @throws SWB_ADDRESS_EXHAUSTED */
  addressOf(host: string): string {
    return this.#addresses.of(host);
  }

  #add(address: string): Promise<string> {
    const known = this.#added.get(address);
    if (known !== undefined) return known;
    const added = runProgram(['ip', '-batch', '-'], `addr add ${address}/32 dev lo\n`).then(() => address);
    this.#added.set(address, added);
    added.catch(() => this.#added.delete(address));
    return added;
  }

  async #openTcp(at: SocketAddress, to: SocketAddress): Promise<Relay> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client => {
      client.on('error', () => undefined);
      this.#connect.connectTcp(to).then(
        upstream => {
          upstream.on('error', () => undefined);
          relay(client, upstream);
          client.resume();
        },
        () => reset(client),
      );
    });
    await listen(server, at, { onError: () => undefined });
    return server;
  }
}
