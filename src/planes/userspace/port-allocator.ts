import { SwitchboardError } from '../../errors.ts';
import { type AddressBlock, addressAt, hostPort } from '../../net/index.ts';
import type { SystemPort } from '../../system/index.ts';
import { stableHash } from '../stable-hash.ts';

/**
 * Assigns loopback addresses and ports to Services. It does not touch the system: it keeps the plane's own Services
 * apart, and reserves the port of a Service whose listener is closed because no endpoint is ready.
 */
export class PortAllocator {
  readonly #addressOf = new Map<string, string>();
  readonly #serviceAt = new Map<string, string>();
  readonly #ports = new Map<string, string>();
  readonly #slots: number;
  readonly #addressAt: (slot: number) => string;

  /**
   * @param block the addresses to assign; undefined: those of 127.128.0.0/9
   * @param slots how many of them; tests use fewer, so that they run out
   */
  constructor(block: AddressBlock = LOOPBACK, slots: number = slotsOf(block)) {
    this.#slots = slots;
    this.#addressAt = slot => addressOfSlot(block, slot);
  }

  /** The Service's address, its own until released: by hash, or the next free one. */
  serviceAddress(service: string): string {
    const known = this.#addressOf.get(service);
    if (known !== undefined) return known;
    if (this.#serviceAt.size >= this.#slots) {
      throw new SwitchboardError('SWB_ADDRESS_EXHAUSTED', `no address is left for Service ${service}`);
    }
    let slot = stableHash(service) % this.#slots;
    while (this.#serviceAt.has(this.#addressAt(slot))) slot = (slot + 1) % this.#slots;
    const address = this.#addressAt(slot);
    this.#addressOf.set(service, address);
    this.#serviceAt.set(address, service);
    return address;
  }

  releaseService(service: string): void {
    const address = this.#addressOf.get(service);
    if (address === undefined) return;
    this.#addressOf.delete(service);
    this.#serviceAt.delete(address);
  }

  /** @returns undefined if the claimant now holds the port, else its holder. */
  claim(place: SystemPort, claimant: string): string | undefined {
    const id = placeId(place);
    const holder = this.#ports.get(id);
    if (holder === undefined) this.#ports.set(id, claimant);
    return holder;
  }

  /** Transfers the port to another holder; it is free at no moment. */
  pass(place: SystemPort, claimant: string): void {
    this.#ports.set(placeId(place), claimant);
  }

  release(place: SystemPort): void {
    this.#ports.delete(placeId(place));
  }
}

export function placeId(place: SystemPort): string {
  return `${place.protocol} ${hostPort(place.address, place.port)}`;
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** The API server's default node port range. */
export const NODE_PORTS: PortRange = { first: 30_000, last: 32_767 };
/** Below the node ports and the ephemeral ports (Linux: 32768 and up). */
export const MOVED_PORTS: PortRange = { first: 10_000, last: 29_999 };

/**
 * The ports to try for a frontend, in an order that is the same in every run: first the port that it names, if any, then
 * the range from a start that depends on its key alone.
 */
export function* portCandidates(key: string, wanted: number | undefined, range: PortRange): Generator<number> {
  if (wanted !== undefined) yield wanted;
  const size = range.last - range.first + 1;
  const start = stableHash(key) % size;
  for (let i = 0; i < Math.min(size, MAX_TRIES); i++) {
    const port = range.first + ((start + i) % size);
    if (port !== wanted) yield port;
  }
}

/** Each try may cost a bind; a system with so many busy ports in a row has another problem. */
const MAX_TRIES = 512;

/** 127.128.0.0/9 */
const LOOPBACK: AddressBlock = { first: 0x7f800000, size: 2 ** 23 };

/**
 * The first and the last address of each 256, or of a smaller block, are left out: some programs treat them as network
 * addresses, and the last one of a subnet is its broadcast address, to which nothing connects.
 */
function slotsOf({ size }: AddressBlock): number {
  const each = Math.min(size, 256);
  return (size / each) * (each - 2);
}

function addressOfSlot(block: AddressBlock, slot: number): string {
  const each = Math.min(block.size, 256);
  return addressAt(block, Math.floor(slot / (each - 2)) * each + 1 + (slot % (each - 2)));
}
