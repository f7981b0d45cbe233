import type { Socket } from 'node:dgram';
import { hostPort, type SocketAddress } from '../../net/index.ts';
import { openUdpSocket } from '../../system/index.ts';

/** As in the userspace plane. */
const IDLE_MS = 60_000;
const MAX_FLOWS = 1_000;
/** Datagrams of a client that wait until its socket is open. */
const MAX_QUEUED = 64;

interface Flow {
  readonly queued: Buffer[];
  upstream: Socket | undefined;
  timer: NodeJS.Timeout;
}

/** Relays datagrams to an address in another network: a socket for each client there, until the client is silent. */
export class UdpRelay {
  readonly #socket: Socket;
  readonly #connect: () => Promise<Socket>;
  readonly #flows = new Map<string, Flow>();

  private constructor(socket: Socket, connect: () => Promise<Socket>) {
    this.#socket = socket;
    this.#connect = connect;
    socket.on('message', (message, from) => this.#forward(message, from));
    // Errors of single datagrams are normal, and the socket continues.
    socket.on('error', () => undefined);
  }

  /** @param connect opens a socket that is connected to the target. @throws the system's error */
  static async open(at: SocketAddress, connect: () => Promise<Socket>): Promise<UdpRelay> {
    const { socket } = await openUdpSocket(at);
    return new UdpRelay(socket, connect);
  }

  close(): void {
    this.#socket.close();
    for (const key of [...this.#flows.keys()]) this.#end(key);
  }

  #forward(message: Buffer, from: SocketAddress): void {
    const key = hostPort(from.address, from.port);
    const flow = this.#flows.get(key) ?? this.#start(key, from);
    if (flow === undefined) return;
    flow.timer.refresh();
    if (flow.upstream !== undefined) flow.upstream.send(message);
    else if (flow.queued.length < MAX_QUEUED) flow.queued.push(message);
  }

  /** @returns undefined, and drops the datagram, if there are too many clients */
  #start(key: string, client: SocketAddress): Flow | undefined {
    if (this.#flows.size >= MAX_FLOWS || client.port === 0) return undefined;
    const timer = setTimeout(() => this.#end(key), IDLE_MS).unref();
    const flow: Flow = { queued: [], upstream: undefined, timer };
    this.#flows.set(key, flow);
    this.#connect().then(
      upstream => {
        upstream.on('error', () => this.#end(key));
        if (this.#flows.get(key) !== flow) {
          upstream.close();
          return;
        }
        flow.upstream = upstream;
        upstream.on('message', answer => this.#socket.send(answer, client.port, client.address));
        for (const message of flow.queued.splice(0)) upstream.send(message);
      },
      () => this.#end(key),
    );
    return flow;
  }

  #end(key: string): void {
    const flow = this.#flows.get(key);
    if (flow === undefined) return;
    this.#flows.delete(key);
    clearTimeout(flow.timer);
    try {
      flow.upstream?.close();
    } catch {
      // It has closed with its error.
    }
  }
}
