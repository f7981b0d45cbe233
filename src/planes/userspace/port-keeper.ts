import { messageOf, systemCodeOf } from '../../errors.ts';
import type { PortOwners } from '../../system/index.ts';
import { guarded } from '../outcomes.ts';
import { type AddressBook, type Place, placeId, portCandidates } from './address-book.ts';
import { isOutOfFiles } from './file-budget.ts';
import type { Binding } from './placement.ts';
import type { OpenPort, Slot } from './slot.ts';
import { TcpPort, type TcpSink } from './tcp-port.ts';
import { UdpPort, type UdpSink } from './udp-port.ts';

/** Who the port is for, and what is to happen with what comes in. */
export interface PortOwner {
  readonly service: string;
  readonly protocol: 'TCP' | 'UDP';
  tcpSink(binding: Binding): TcpSink;
  udpSink(binding: Binding): (port: UdpPort) => UdpSink;
}

/** One round of changes. */
export interface Round {
  readonly owners: PortOwners;
  /** Slots that nobody wants any more, by place. They stay open until the end, so that others can take them over. */
  readonly leaving: Map<string, Slot>;
}

/** Finds, opens, shuts and reopens ports; the only place where the plane binds. */
export class PortKeeper {
  readonly #book: AddressBook;

  constructor(book: AddressBook) {
    this.#book = book;
  }

  /**
   * A slot for the binding, with its place written down if that is free in the book. Done for all bindings of a round
   * before any is opened, so that one that has to move never moves to where another asks to be.
   */
  reserve(binding: Binding, owner: PortOwner): Slot {
    const slot: Slot = { binding, place: undefined, open: undefined, moved: undefined, failed: undefined };
    if (binding.port !== undefined) {
      const place: Place = { protocol: owner.protocol, address: binding.address, port: binding.port };
      if (this.#book.claim(place, owner.service) === undefined) slot.place = place;
    }
    return slot;
  }

  /** Opens a reserved slot: where it asks to be, or at a stable other port, and then says why. */
  async open(slot: Slot, owner: PortOwner, round: Round): Promise<void> {
    await this.#find(slot, owner, round);
  }

  /**
   * Opens a slot again that was shut. Its place was kept for it in the book; if another program has taken the port
   * meanwhile, it moves.
   */
  async reopen(slot: Slot, owner: PortOwner, round: Round): Promise<void> {
    if (slot.place === undefined || slot.open !== undefined) return;
    const reason = await this.#tryOpen(slot, slot.place, owner, round);
    if (reason === undefined) return;
    this.#book.release(slot.place);
    slot.place = undefined;
    slot.moved = slot.binding.port === undefined ? undefined : reason;
    if (slot.failed === undefined) await this.#find(slot, owner, round);
  }

  /** Closes the port, so that the kernel refuses clients, and keeps its place. */
  shut(slot: Slot): void {
    const { open } = slot;
    slot.open = undefined;
    // Throws only if the socket has closed already, and then there is nothing to close.
    guarded(() => open?.port.close())();
  }

  release(slot: Slot): void {
    this.shut(slot);
    if (slot.place !== undefined) this.#book.release(slot.place);
    slot.place = undefined;
  }

  /** Gives up on a slot whose opening was interrupted by an error: closes it, frees its place, and records why. */
  abandon(slot: Slot, failure: string): void {
    this.release(slot);
    slot.failed = failure;
  }

  async #find(slot: Slot, owner: PortOwner, round: Round): Promise<void> {
    const { binding } = slot;
    for (const port of portCandidates(binding.key, binding.port, binding.range)) {
      const place: Place = { protocol: owner.protocol, address: binding.address, port };
      const reserved = slot.place?.port === port;
      const holder = reserved ? undefined : this.#book.claim(place, owner.service);
      if (holder !== undefined) {
        if (this.#takeOver(slot, place, owner, round)) return;
        if (binding.port !== undefined) slot.moved ??= `${port} is held by Service ${holder}`;
        continue;
      }
      const reason = await this.#tryOpen(slot, place, owner, round);
      if (reason === undefined) return;
      this.#book.release(place);
      slot.place = undefined;
      if (slot.failed !== undefined) return;
      if (binding.port !== undefined) slot.moved ??= reason;
    }
    slot.failed = 'no free port was found';
  }

  /** @returns why another port is to be tried; `slot.failed` is set where no port of the address would do. */
  async #tryOpen(slot: Slot, place: Place, owner: PortOwner, round: Round): Promise<string | undefined> {
    try {
      slot.open = await open(place, slot.binding, owner);
      slot.place = place;
      slot.failed = undefined;
      return undefined;
    } catch (error) {
      const code = systemCodeOf(error) ?? '';
      if (code === 'EADDRINUSE') return round.owners.describe(place);
      if (code === 'EACCES') return `${place.port} needs a right this process lacks`;
      slot.failed = failureText(code, error, place);
      return slot.failed;
    }
  }

  #takeOver(slot: Slot, place: Place, owner: PortOwner, round: Round): boolean {
    const old = round.leaving.get(placeId(place));
    if (old?.open === undefined) return false;
    round.leaving.delete(placeId(place));
    this.#book.pass(place, owner.service);
    const { open } = old;
    slot.open = open;
    slot.place = place;
    old.open = undefined;
    old.place = undefined;
    if (open.protocol === 'TCP') open.port.sink = owner.tcpSink(slot.binding);
    else open.port.pass(owner.udpSink(slot.binding));
    return true;
  }
}

async function open(place: Place, binding: Binding, owner: PortOwner): Promise<OpenPort> {
  const { address, port } = place;
  return owner.protocol === 'TCP'
    ? { protocol: 'TCP', port: await TcpPort.open(address, port, owner.tcpSink(binding)) }
    : { protocol: 'UDP', port: await UdpPort.open(address, port, owner.udpSink(binding)) };
}

function failureText(code: string, error: unknown, place: Place): string {
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return `${place.address} is not an address of this machine`;
  if (isOutOfFiles(code)) return 'this process has no file descriptors left';
  return messageOf(error);
}
