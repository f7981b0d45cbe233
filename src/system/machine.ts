import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { addressRange, canonicalAddress } from '../net/index.ts';

/** Which addresses belong to this machine. */
export class Machine {
  readonly #now: () => number;
  readonly #read: () => Iterable<string>;
  readonly #wholeLoopback: boolean;
  #own: ReadonlySet<string> = new Set();
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(now: () => number, read: () => Iterable<string> = interfaceAddresses, platform = process.platform) {
    this.#now = now;
    this.#read = read;
    this.#wholeLoopback = platform === 'linux';
  }

  /** Whether a socket can bind the address. Only on Linux this includes all of 127.0.0.0/8. */
  has(address: string): boolean {
    if (address === '127.0.0.1' || address === '::1') return true;
    if (this.#wholeLoopback && address.startsWith('127.')) return true;
    return this.#addresses().has(address);
  }

  /** Whether a client with this address runs on this machine. */
  isSelf(client: string): boolean {
    return client.startsWith('127.') || client === '::1' || this.#addresses().has(client);
  }

  /** Interfaces change with networks and VPNs. Reading them takes 0.1 ms, too long for every connection. */
  #addresses(): ReadonlySet<string> {
    const now = this.#now();
    if (now - this.#readAt >= 2_000) {
      this.#readAt = now;
      try {
        this.#own = new Set(this.#read());
      } catch {
        // Reading needs a file descriptor, and there may be none left (EMFILE): the last known addresses stay.
      }
    }
    return this.#own;
  }
}

export function* interfaceAddresses(): Generator<string> {
  for (const [, address] of interfacesWithAddresses()) yield address;
}

function* interfacesWithAddresses(): Generator<[name: string, address: string]> {
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    for (const { address } of addresses ?? []) {
      const canonical = clientAddress(address);
      if (canonical !== undefined) yield [name, canonical];
    }
  }
}

/** The addresses at which others reach this machine, without loopback and link-local ones, in the system's order. */
export function reachableAddresses(): string[] {
  return [...interfaceAddresses()].filter(isReachable);
}

/**
 * The addresses that need a socket of their own to answer from: those at which others reach this machine, and loopback
 * addresses that an interface has or the hosts file names, such as Debian's 127.0.1.1 for the machine's own name.
 */
export function answeringAddresses(hostsFile = '/etc/hosts'): string[] {
  const all = new Set([...interfaceAddresses(), ...loopbackAddressesIn(hostsFile)]);
  // A socket at a wildcard address answers from these.
  for (const usual of ['127.0.0.1', '::1']) all.delete(usual);
  return [...all].filter(address => addressRange(address) !== 'linkLocal');
}

function loopbackAddressesIn(hostsFile: string): string[] {
  try {
    const addresses = readFileSync(hostsFile, 'utf8').matchAll(/^[ \t]*(127\.[\d.]+)[ \t]/gm);
    return [...addresses].map(([, address = '']) => address).filter(isIPv4);
  } catch {
    return [];
  }
}

/** The names of the interfaces with addresses at which others reach this machine. */
export function reachableInterfaces(): string[] {
  const reachable = [...interfacesWithAddresses()].filter(([, address]) => isReachable(address));
  return [...new Set(reachable.map(([name]) => name))];
}

function isReachable(address: string): boolean {
  return !['loopback', 'linkLocal'].includes(addressRange(address));
}

/** The canonical address of a peer, without the zone of a link-local one (`fe80::1%eth0`). */
export function clientAddress(text: string | undefined): string | undefined {
  // The kernel's IPv4 text is canonical; this runs for every connection.
  if (text === undefined || !text.includes(':')) return text;
  const zone = text.indexOf('%');
  return canonicalAddress(zone < 0 ? text : text.slice(0, zone));
}
