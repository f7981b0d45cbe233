import { createSocket, type Socket } from 'node:dgram';
import { isOutOfFiles, messageOf, systemCodeOf } from '../../errors.ts';
import { familyOf, type SocketAddress } from '../../net/index.ts';
import type { PoolEndpoint } from './balancer.ts';
import type { TrafficKind } from './endpoint-pool.ts';
import type { ListedFlow } from './flow-table.ts';
import type { UdpPortSocket } from './udp-port.ts';

/** The port and route of a flow. */
export interface FlowHost {
  choose(kind: TrafficKind, client: string, tried: readonly PoolEndpoint[]): PoolEndpoint | undefined;
  mayStay(kind: TrafficKind, endpoint: PoolEndpoint): boolean;
  endpointFailed(endpoint: PoolEndpoint, code: string): void;
  outOfFiles(): void;
  reply(message: Buffer, flow: UdpFlow): void;
  closed(flow: UdpFlow): void;
}

/** Where a flow comes from. */
export interface FlowOrigin {
  readonly client: SocketAddress;
  /** The socket that received its datagrams. */
  readonly via: UdpPortSocket;
  readonly kind: TrafficKind;
}

/** One client's datagrams on one port. A connected socket carries them to an endpoint and returns its replies. */
export class UdpFlow implements ListedFlow {
  lastUsed = 0;
  previous: ListedFlow | undefined;
  next: ListedFlow | undefined;
  /** The client's. */
  readonly address: string;
  readonly port: number;
  readonly via: UdpPortSocket;
  readonly #kind: TrafficKind;
  readonly #host: FlowHost;
  #endpoint: PoolEndpoint | undefined;
  #socket: Socket | undefined;
  #connected = false;
  /** Without a callback Node drops the error of send(), which may be the refusal of the previous datagram (Node 24). */
  #sent: ((error: Error | null) => void) | undefined;
  /** Datagrams that arrived before the socket was connected, which takes Node a tick or two. */
  #queued: Buffer[] = [];
  /** The latest datagram and the endpoints that refused it. It is sent to each endpoint once. */
  #latest: Buffer | undefined;
  #refusedBy: PoolEndpoint[] = [];
  #open = true;

  constructor({ client, via, kind }: FlowOrigin, host: FlowHost) {
    this.via = via;
    this.address = client.address;
    this.port = client.port;
    this.#kind = kind;
    this.#host = host;
  }

  /** Connects the flow to its first endpoint. Call once. @returns false if there is none */
  start(): boolean {
    return this.#connect();
  }

  send(message: Buffer): void {
    if (this.#refusedBy.length > 0) this.#refusedBy = [];
    this.#latest = message;
    if (this.#socket === undefined && !this.#connect()) return;
    this.#forward(message);
  }

  /** Call after a change of endpoints: moves the flow if it may not stay on its endpoint. */
  moveIfNeeded(): void {
    if (this.#endpoint === undefined || this.#host.mayStay(this.#kind, this.#endpoint)) return;
    this.#disconnect();
    if (!this.#connect()) this.close();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#disconnect();
    this.#host.closed(this);
  }

  #forward(message: Buffer): void {
    if (this.#connected) this.#socket?.send(message, this.#sent);
    else if (this.#queued.length < MAX_QUEUED) this.#queued.push(message);
  }

  #connect(): boolean {
    const endpoint = this.#host.choose(this.#kind, this.address, this.#refusedBy);
    if (endpoint === undefined) return false;
    endpoint.active++;
    endpoint.connectionsTotal++;
    this.#endpoint = endpoint;
    const socket = createSocket(familyOf(endpoint.address) === 'IPv4' ? 'udp4' : 'udp6');
    this.#socket = socket;
    this.#sent = error => {
      if (error !== null) this.#failed(socket, error);
    };
    socket.on('error', error => this.#failed(socket, error));
    socket.on('message', message => {
      // A reply means that the datagram was delivered.
      this.#latest = undefined;
      this.#host.reply(message, this);
    });
    socket.connect(endpoint.port, endpoint.address, (error?: Error) => {
      if (this.#socket !== socket) return;
      if (error !== undefined && error !== null) {
        this.#failed(socket, error);
        return;
      }
      this.#connected = true;
      for (const message of this.#queued) socket.send(message, this.#sent);
      this.#queued = [];
    });
    return true;
  }

  #failed(socket: Socket, error: Error): void {
    const endpoint = this.#endpoint;
    if (this.#socket !== socket || endpoint === undefined) return;
    const code = systemCodeOf(error) ?? messageOf(error);
    if (isOutOfFiles(code)) {
      this.#host.outOfFiles();
      this.close();
      return;
    }
    // The datagram was too large, or a queue was full: it is lost, and the flow goes on.
    if (!ENDPOINT_FAULTS.has(code)) return;
    this.#host.endpointFailed(endpoint, code);
    this.#disconnect();
    const latest = this.#latest;
    this.#latest = undefined;
    if (latest === undefined) return;
    this.#refusedBy.push(endpoint);
    // A refused datagram was not delivered, so another endpoint may get it. If none is left, the next datagram starts over.
    if (!this.#connect()) return;
    this.#latest = latest;
    this.#forward(latest);
  }

  #disconnect(): void {
    if (this.#endpoint !== undefined) this.#endpoint.active--;
    this.#endpoint = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    this.#connected = false;
    this.#queued = [];
    if (socket !== undefined) closeQuietly(socket);
  }
}

const MAX_QUEUED = 64;

const ENDPOINT_FAULTS: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN']);

/** A socket whose bind failed (EMFILE) may already be closed; close() then throws (Node 24). */
function closeQuietly(socket: Socket): void {
  try {
    socket.close();
  } catch {
    // Already closed.
  }
}
