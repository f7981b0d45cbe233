import { createSocket, type Socket } from 'node:dgram';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { familyOf, type SocketAddress } from '../../kube/address.ts';
import type { Target } from './balancer.ts';
import { isOutOfFiles } from './file-budget.ts';
import type { ListedFlow } from './flow-table.ts';
import type { Side } from './targets.ts';
import type { UdpPortSocket } from './udp-port.ts';

/** What a flow needs of its port and route. */
export interface FlowHost {
  choose(side: Side, client: string, tried: readonly Target[]): Target | undefined;
  mayStay(side: Side, target: Target): boolean;
  targetFailed(target: Target, code: string): void;
  outOfFiles(): void;
  reply(message: Buffer, flow: UdpFlow): void;
  closed(flow: UdpFlow): void;
}

/** Where a flow comes from. */
export interface FlowOrigin {
  readonly client: SocketAddress;
  /** The socket that received its datagrams. */
  readonly via: UdpPortSocket;
  readonly side: Side;
}

/** One client's datagrams on one port: a connected socket of their own to one endpoint, whose answers lead back. */
export class UdpFlow implements ListedFlow {
  lastUsed = 0;
  idler: ListedFlow | undefined;
  later: ListedFlow | undefined;
  /** The client's. */
  readonly address: string;
  readonly port: number;
  readonly via: UdpPortSocket;
  readonly #side: Side;
  readonly #host: FlowHost;
  #target: Target | undefined;
  #socket: Socket | undefined;
  #connected = false;
  /** Without a callback Node swallows what send() fails with, and that may be the refusal of the one before (Node 24). */
  #sent: ((error: Error | null) => void) | undefined;
  /** Came before the socket was connected, which takes Node a tick or two. */
  #waiting: Buffer[] = [];
  /** The latest datagram and who has refused it: it is handed on, to each endpoint once. */
  #latest: Buffer | undefined;
  #refusedBy: Target[] = [];
  #open = true;

  constructor({ client, via, side }: FlowOrigin, host: FlowHost) {
    this.via = via;
    this.address = client.address;
    this.port = client.port;
    this.#side = side;
    this.#host = host;
  }

  /** Leads the flow to its first endpoint; call once. @returns false if there is none. */
  start(): boolean {
    return this.#lead();
  }

  send(message: Buffer): void {
    if (this.#refusedBy.length > 0) this.#refusedBy = [];
    this.#latest = message;
    if (this.#socket === undefined && !this.#lead()) return;
    this.#pass(message);
  }

  /** After a change of endpoints: moves if the flow's own one is no longer to be used. */
  rehome(): void {
    if (this.#target === undefined || this.#host.mayStay(this.#side, this.#target)) return;
    this.#leave();
    if (!this.#lead()) this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#leave();
    this.#host.closed(this);
  }

  #pass(message: Buffer): void {
    if (this.#connected) this.#socket?.send(message, this.#sent);
    else if (this.#waiting.length < MOST_WAITING) this.#waiting.push(message);
  }

  #lead(): boolean {
    const target = this.#host.choose(this.#side, this.address, this.#refusedBy);
    if (target === undefined) return false;
    target.active++;
    target.given++;
    this.#target = target;
    const socket = createSocket(familyOf(target.address) === 'IPv4' ? 'udp4' : 'udp6');
    this.#socket = socket;
    this.#sent = error => {
      if (error !== null) this.#failed(socket, error);
    };
    socket.on('error', error => this.#failed(socket, error));
    socket.on('message', message => {
      // Answered, so somebody had it.
      this.#latest = undefined;
      this.#host.reply(message, this);
    });
    socket.connect(target.port, target.address, (error?: Error) => {
      if (this.#socket !== socket) return;
      if (error !== undefined && error !== null) {
        this.#failed(socket, error);
        return;
      }
      this.#connected = true;
      for (const message of this.#waiting) socket.send(message, this.#sent);
      this.#waiting = [];
    });
    return true;
  }

  #failed(socket: Socket, error: Error): void {
    const target = this.#target;
    if (this.#socket !== socket || target === undefined) return;
    const code = systemCodeOf(error) ?? messageOf(error);
    if (isOutOfFiles(code)) {
      this.#host.outOfFiles();
      this.close();
      return;
    }
    // Too large for the way, or a full queue: this datagram is lost and the flow is sound.
    if (!ENDPOINT_FAULTS.has(code)) return;
    this.#host.targetFailed(target, code);
    this.#leave();
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest === undefined) return;
    this.#refusedBy.push(target);
    // Refused means not delivered, so it may go to another. Nobody left: the next datagram begins anew.
    if (!this.#lead()) return;
    this.#latest = latest;
    this.#pass(latest);
  }

  #leave(): void {
    if (this.#target !== undefined) this.#target.active--;
    this.#target = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#connected = false;
    this.#waiting = [];
    if (socket !== undefined) closeQuietly(socket);
  }
}

const MOST_WAITING = 64;

const ENDPOINT_FAULTS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);

/** A socket whose bind failed (EMFILE) may already count as closed, and says so by throwing (Node 24). */
function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // Already closed, which is what was wanted.
  }
}
