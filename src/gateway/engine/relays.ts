import { createServer } from 'node:net';
import { join, type Link } from '../../link/index.ts';
import { type AddressBlock, hostPort, type SocketAddress } from '../../net/index.ts';
import { listen, reset } from '../../system/index.ts';
import type { RelayCall } from '../container/calls.ts';
import { RelayAddresses } from '../relay-addresses.ts';
import { UdpRelay } from '../udp-relay.ts';

/** Gives endpoints outside of the engine's network an address in it, at which the gateway takes connections to them. */
export class RelaysIn {
  readonly #link: () => Link;
  readonly #addresses: RelayAddresses;
  readonly #opened = new Map<string, Promise<unknown>>();
  readonly #relays = new Map<string, RelayCall>();

  constructor(link: () => Link, block: AddressBlock) {
    this.#link = link;
    this.#addresses = new RelayAddresses(block);
  }

  /** The address that stands for another one, whether or not a relay listens there yet. @throws SWB_ADDRESS_EXHAUSTED */
  addressOf(outside: string): string {
    return this.#addresses.of(outside);
  }

  /** The address at which pods reach a port outside. Rejects if the gateway cannot listen there. */
  async reach(protocol: 'TCP' | 'UDP', to: SocketAddress): Promise<string> {
    const address = this.addressOf(to.address);
    await this.open({ protocol, at: { address, port: to.port }, to });
    return address;
  }

  /** Opens all relays again, at another gateway. */
  async openAll(): Promise<void> {
    this.#opened.clear();
    await Promise.all([...this.#relays.values()].map(relay => this.open(relay)));
  }

  /** Carries connections to an address of the gateway on to this side. */
  async open(relay: RelayCall): Promise<void> {
    const key = `${relay.protocol} ${hostPort(relay.at.address, relay.at.port)}`;
    this.#relays.set(key, relay);
    let opening = this.#opened.get(key);
    if (opening === undefined) {
      opening = this.#link().call('relay', relay);
      this.#opened.set(key, opening);
      opening.catch(() => this.#opened.delete(key));
    }
    await opening;
  }
}

/** Gives ports of the engine's network a place in the network of this process, for engines whose network it does not route. */
export class RelaysOut {
  readonly #link: () => Link;
  readonly #places = new Map<string, Promise<SocketAddress>>();
  readonly #closers: (() => void)[] = [];

  constructor(link: () => Link) {
    this.#link = link;
  }

  /** Where this process reaches a port of the engine's network. */
  reach(protocol: 'TCP' | 'UDP', to: SocketAddress): Promise<SocketAddress> {
    const key = `${protocol} ${hostPort(to.address, to.port)}`;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const opening = protocol === 'TCP' ? this.#openTcp(to) : this.#openUdp(to);
    this.#places.set(key, opening);
    opening.catch(() => this.#places.delete(key));
    return opening;
  }

  close(): void {
    for (const close of this.#closers) close();
  }

  async #openTcp(to: SocketAddress): Promise<SocketAddress> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client => {
      client.on('error', () => undefined);
      this.#link()
        .connectTcp(to)
        .then(
          upstream => join(client, upstream),
          () => reset(client),
        );
    });
    const { at } = await listen(server, LOOPBACK, { onError: () => undefined });
    this.#closers.push(() => server.close());
    return at;
  }

  async #openUdp(to: SocketAddress): Promise<SocketAddress> {
    const relay = await UdpRelay.open(LOOPBACK, () => this.#link().connectUdp(to));
    this.#closers.push(() => relay.close());
    return relay.at;
  }
}

const LOOPBACK: SocketAddress = { address: '127.0.0.1', port: 0 };
