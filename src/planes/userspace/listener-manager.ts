import { isOutOfFiles, messageOf, OUT_OF_FILES, systemCodeOf } from '../../errors.ts';
import { type NetworkSockets, portNeedsRoot, type SystemPort } from '../../system/index.ts';
import { guarded } from '../outcomes.ts';
import type { FileBudget } from './file-budget.ts';
import type { ListenerSlot, OpenPort } from './listener-slot.ts';
import type { Binding } from './placement.ts';
import { type PortAllocator, placeId, portCandidates } from './port-allocator.ts';
import { TcpPort, type TcpSink } from './tcp-port.ts';
import { UdpPort, type UdpSink } from './udp-port.ts';

/** Owns a listener and receives its connections or datagrams. */
export interface ListenerOwner {
  readonly service: string;
  readonly protocol: 'TCP' | 'UDP';
  tcpSink(binding: Binding): TcpSink;
  udpSink(binding: Binding): () => UdpSink;
}

/** The state of one apply() that all its listeners share. */
export interface ApplyContext {
  readonly portOwners: ReturnType<NetworkSockets['portOwners']>;
  /** Listeners that no route needs any more, by port. They stay open until the end, so that other routes can take them over. */
  readonly leaving: Map<string, ListenerSlot>;
}

/** Finds, opens, closes and reopens listeners. */
export class ListenerManager {
  readonly #ports: PortAllocator;
  readonly #network: NetworkSockets;
  readonly #files: FileBudget;

  constructor(ports: PortAllocator, network: NetworkSockets, files: FileBudget) {
    this.#ports = ports;
    this.#network = network;
    this.#files = files;
  }

  /**
   * Returns a slot for the binding and reserves its port if no other Service holds it. The plane reserves the ports of
   * all bindings before it opens any, so that a listener that has to move never takes a port that another one names.
   */
  reserve(binding: Binding, owner: ListenerOwner): ListenerSlot {
    const slot: ListenerSlot = { binding, place: undefined, open: undefined, moved: undefined, failed: undefined };
    if (binding.port !== undefined) {
      const place: SystemPort = { protocol: owner.protocol, address: binding.address, port: binding.port };
      if (this.#ports.claim(place, owner.service) === undefined) slot.place = place;
    }
    return slot;
  }

  /** Opens a reserved listener: on the port that it names or, with the reason, on another port that is the same in every run. */
  async open(slot: ListenerSlot, owner: ListenerOwner, context: ApplyContext): Promise<void> {
    const { binding } = slot;
    for (const port of portCandidates(binding.key, binding.port, binding.range)) {
      const place: SystemPort = { protocol: owner.protocol, address: binding.address, port };
      const reserved = slot.place?.port === port;
      const holder = reserved ? undefined : this.#ports.claim(place, owner.service);
      if (holder !== undefined) {
        if (this.#takeOver(slot, place, owner, context)) return;
        if (binding.port !== undefined) slot.moved ??= `${port} is held by Service ${holder}`;
        continue;
      }
      const reason = await this.#tryOpen(slot, place, owner, context);
      if (reason === undefined) return;
      this.#ports.release(place);
      slot.place = undefined;
      if (slot.failed !== undefined) return;
      if (binding.port !== undefined) slot.moved ??= reason;
    }
    slot.failed = 'no free port was found';
  }

  /**
   * Reopens a listener that was shut. Its port was reserved meanwhile; if another program has taken it, the listener
   * moves.
   */
  async reopen(slot: ListenerSlot, owner: ListenerOwner, context: ApplyContext): Promise<void> {
    if (slot.place === undefined || slot.open !== undefined) return;
    const reason = await this.#tryOpen(slot, slot.place, owner, context);
    if (reason === undefined) return;
    this.#ports.release(slot.place);
    slot.place = undefined;
    slot.moved = slot.binding.port === undefined ? undefined : reason;
    if (slot.failed === undefined) await this.open(slot, owner, context);
  }

  /** Closes the socket, so that the kernel refuses clients, and keeps the port reserved. */
  shut(slot: ListenerSlot): void {
    const { open } = slot;
    slot.open = undefined;
    if (open !== undefined) this.#files.give(1);
    // Throws only if the socket has closed already, and then there is nothing to close.
    guarded(() => open?.port.close())();
  }

  release(slot: ListenerSlot): void {
    this.shut(slot);
    if (slot.place !== undefined) this.#ports.release(slot.place);
    slot.place = undefined;
  }

  /** Gives up on a slot whose opening was interrupted by an error: closes it, frees its port, and records why. */
  abandon(slot: ListenerSlot, failure: string): void {
    this.release(slot);
    slot.failed = failure;
  }

  /** @returns why to try another port; sets `slot.failed` if no port of the address would work. */
  async #tryOpen(
    slot: ListenerSlot,
    place: SystemPort,
    owner: ListenerOwner,
    context: ApplyContext,
  ): Promise<string | undefined> {
    if (!this.#files.takeListener()) {
      slot.failed = outOfFilesText(this.#files.limit);
      return slot.failed;
    }
    try {
      slot.open = await this.#listen(place, slot.binding, owner);
      slot.place = place;
      slot.failed = undefined;
      return undefined;
    } catch (error) {
      this.#files.give(1);
      const code = systemCodeOf(error) ?? '';
      if (code === 'EADDRINUSE') return context.portOwners.describe(place);
      if (code === 'EACCES') return portNeedsRoot(place.port);
      slot.failed = isOutOfFiles(code) ? outOfFilesText(this.#files.limit) : failureText(code, error, place);
      return slot.failed;
    }
  }

  async #listen(place: SystemPort, binding: Binding, owner: ListenerOwner): Promise<OpenPort> {
    return owner.protocol === 'TCP'
      ? { protocol: 'TCP', port: await TcpPort.open(this.#network, place, owner.tcpSink(binding)) }
      : { protocol: 'UDP', port: await UdpPort.open(this.#network, place, owner.udpSink(binding)) };
  }

  #takeOver(slot: ListenerSlot, place: SystemPort, owner: ListenerOwner, context: ApplyContext): boolean {
    const old = context.leaving.get(placeId(place));
    if (old?.open === undefined) return false;
    context.leaving.delete(placeId(place));
    this.#ports.pass(place, owner.service);
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

function failureText(code: string, error: unknown, place: SystemPort): string {
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') return `${place.address} is not an address of this machine`;
  return messageOf(error);
}

function outOfFilesText(limit: number | undefined): string {
  return limit === undefined ? OUT_OF_FILES : OUT_OF_FILES.replace('limit of', `limit of ${limit}`);
}
