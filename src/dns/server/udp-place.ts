import { familyOf } from '../../kube/address.ts';
import { reachableAddresses } from '../../system/index.ts';
import type { DnsAddress } from './listen-failure.ts';
import { UdpListener, type UdpOptions } from './udp-listener.ts';

/** How often it is looked which addresses there are: they come and go with networks and VPNs. */
const LOOK_MS = 2_000;

/**
 * The UDP sockets of a place. What a socket without an address answers leaves from the address that the system chooses,
 * and askers drop what comes from another than they asked. So where all addresses are asked for each has a socket of
 * its own; the one without has the questions that come before that (Linux; elsewhere it has all).
 */
export class UdpPlace {
  readonly #place: DnsAddress;
  readonly #options: UdpOptions;
  readonly #first: UdpListener;
  readonly #addresses: () => readonly string[];
  readonly #own = new Map<string, UdpListener>();
  #looking: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  private constructor(place: DnsAddress, options: UdpOptions, first: UdpListener, addresses: () => readonly string[]) {
    this.#place = { address: place.address, port: first.port };
    this.#options = options;
    this.#first = first;
    this.#addresses = addresses;
  }

  /**
   * @param addresses this machine's, as they are now
   * @throws an error with the system's code
   */
  static async open(place: DnsAddress, options: UdpOptions, addresses = reachableAddresses): Promise<UdpPlace> {
    const all = process.platform === 'linux' && (place.address === '0.0.0.0' || place.address === '::');
    // Sockets with and without an address share the port.
    const own = { ...options, shared: options.shared || all };
    const opened = new UdpPlace(place, own, await UdpListener.open(place, own), addresses);
    if (all) {
      await opened.#look();
      opened.#timer = setInterval(() => {
        opened.#looking = opened.#looking.then(() => opened.#look());
      }, LOOK_MS).unref();
    }
    return opened;
  }

  get port(): number {
    return this.#place.port;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all([this.#first, ...this.#own.values()].map(listener => listener.close()));
  }

  async #look(): Promise<void> {
    const family = familyOf(this.#place.address);
    let found: readonly string[];
    try {
      found = this.#addresses();
    } catch {
      // The system has no file descriptor left to say them, perhaps: what there is goes on until the next look.
      return;
    }
    const wanted = new Set(found.filter(address => familyOf(address) === family));
    for (const [address, listener] of this.#own) {
      if (wanted.has(address)) continue;
      this.#own.delete(address);
      await listener.close();
    }
    for (const address of wanted) {
      if (this.#closed || this.#own.has(address)) continue;
      // One that cannot be had yet, such as an IPv6 address that is still being checked, is tried at the next look.
      const place = { address, port: this.#place.port };
      const listener = await UdpListener.open(place, this.#options).catch(() => undefined);
      if (listener !== undefined) this.#own.set(address, listener);
    }
  }
}
