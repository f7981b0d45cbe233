import type { Socket } from 'node:dgram';
import type { DatagramPeer } from '../link/index.ts';
import { hostPort, type SocketAddress } from '../net/index.ts';
import { openUdpSocket } from '../system/index.ts';

/** As in the userspace plane. */
const IDLE_MS = 60_000;
const MAX_FLOWS = 1_000;
/** Datagrams of a client that wait until its socket is open. */
const MAX_QUEUED = 64;

interface Flow {
  readonly queued: Buffer[];
  upstream: DatagramPeer | undefined;
  timer: NodeJS.Timeout;
}

/** Relays datagrams to an address in another network: a socket for each client there, until the client is silent. */
export class UdpRelay {
  readonly #socket: Socket;
  readonly #connect: () => Promise<DatagramPeer>;
  readonly #flows = new Map<string, Flow>();

  /** Where it listens. */
  readonly at: SocketAddress;

  private constructor(at: SocketAddress, socket: Socket, connect: () => Promise<DatagramPeer>) {
    this.at = at;
    this.#socket = socket;
    this.#connect = connect;
    socket.on('message', (message, from) => this.#forward(message, from));
    // Errors of single datagrams are normal, and the socket continues.
    socket.on('error', () => undefined);
  }

  /** @param connect opens a flow to the target. @throws the system's error */
  static async open(at: SocketAddress, connect: () => Promise<DatagramPeer>): Promise<UdpRelay> {
    const opened = await openUdpSocket(at);
    return new UdpRelay(opened.at, opened.socket, connect);
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
        upstream.listen({
          onMessage: answer => this.#socket.send(answer, client.port, client.address),
          onClose: () => this.#end(key),
        });
        if (this.#flows.get(key) !== flow) {
          upstream.close();
          return;
        }
        flow.upstream = upstream;
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
    flow.upstream?.close();
  }
}
