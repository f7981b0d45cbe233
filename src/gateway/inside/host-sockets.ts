import { Socket as UdpSocket } from 'node:dgram';
import { Server, Socket } from 'node:net';
import { familyOf, type SocketAddress } from '../../net/index.ts';
import {
  type BoundServer,
  type BoundUdpSocket,
  connectedUdp,
  type ListenOptions,
  type NetworkSockets,
  unlessAborted,
} from '../../system/index.ts';
import type { FromHost, HostRequest, ToHost } from '../messages.ts';

const DEFAULT_BACKLOG = 1024;

interface Answer {
  readonly done: boolean;
  readonly at?: SocketAddress;
  readonly text?: string;
  readonly handle: unknown;
}

export interface HostSocketsOptions {
  /** Called for a signal to the process outside. */
  readonly onSignal: (signal: NodeJS.Signals, fromTerminal: boolean) => void;
  /** Called when the process outside has ended. */
  readonly onLost: () => void;
}

/** The host's network, from inside the gateway: the process outside opens the sockets and hands them over. */
export class HostSockets implements NetworkSockets {
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  readonly #options: HostSocketsOptions;
  #addresses: readonly string[] = [];
  #id = 0;

  constructor(options: HostSocketsOptions) {
    this.#options = options;
    process.once('disconnect', options.onLost);
    process.on('message', (message: FromHost, handle: unknown) => this.#take(message, handle));
    // The channel keeps the process alive only while an answer is due.
    process.channel?.unref();
  }

  async listen(server: Server, at: SocketAddress, options: ListenOptions): Promise<BoundServer> {
    const { backlog, dualStack, onError } = options;
    const wish = { ...(backlog === undefined ? {} : { backlog }), ...(dualStack === undefined ? {} : { dualStack }) };
    const answer = await this.#ask({ kind: 'listen', at, options: wish });
    const { handle } = answer;
    if (!(handle instanceof Server) || answer.at === undefined) throw new Error('the answer has no listening socket');
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(handle, backlog ?? DEFAULT_BACKLOG, () => {
        server.off('error', reject);
        server.on('error', onError);
        resolve();
      });
    });
    return { at: answer.at };
  }

  readonly openUdp: NetworkSockets['openUdp'] = async (at, options = {}): Promise<BoundUdpSocket> => {
    const answer = await this.#ask({ kind: 'udp', at, options });
    const { handle } = answer;
    if (!(handle instanceof UdpSocket) || answer.at === undefined) throw new Error('the answer has no UDP socket');
    return { socket: handle, at: answer.at, fd: undefined };
  };

  readonly connectTcp: NetworkSockets['connectTcp'] = async (to, signal) => {
    const asked = this.#ask({ kind: 'connect', to: { address: to.address, port: to.port } });
    // A connection that comes too late is closed.
    const close = ({ handle }: Answer): void => {
      if (handle instanceof Socket) handle.destroy();
    };
    const { handle } = await (signal === undefined ? asked : unlessAborted(signal, asked)).catch(error => {
      asked.then(close, () => undefined);
      throw error;
    });
    if (!(handle instanceof Socket)) throw new Error('the answer has no connection');
    handle.allowHalfOpen = true;
    return handle;
  };

  readonly connectUdp: NetworkSockets['connectUdp'] = async ({ address, port }) => {
    const own = familyOf(address) === 'IPv4' ? '0.0.0.0' : '::';
    const { socket } = await this.openUdp({ address: own, port: 0 });
    return connectedUdp(socket, { address, port });
  };

  /** Connects this process's network namespace with the host's network. @returns by which program, or why not */
  readonly openOutward = async (): Promise<{ readonly done: boolean; readonly text: string }> => {
    const { done, text = '' } = await this.#ask({ kind: 'outward' });
    return { done, text };
  };

  readonly addresses = (): readonly string[] => this.#addresses;

  readonly portOwners: NetworkSockets['portOwners'] = () => ({
    describe: async port => {
      const { protocol, address, port: number } = port;
      const answer = await this.#ask({ kind: 'owner', port: { protocol, address, port: number } });
      return answer.text ?? `${number} is in use`;
    },
  });

  #ask(request: HostRequest): Promise<Answer> {
    const id = ++this.#id;
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.set(id, waiting);
    process.channel?.ref();
    const message: ToHost = { kind: 'request', id, request };
    process.send?.(message, undefined, undefined, (error: Error | null) => {
      if (error !== null) this.#settle(id)?.reject(error);
    });
    return waiting.promise;
  }

  #settle(id: number): PromiseWithResolvers<Answer> | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (this.#waiting.size === 0) process.channel?.unref();
    return waiting;
  }

  #take(message: FromHost, handle: unknown): void {
    switch (message.kind) {
      case 'signal':
        this.#options.onSignal(message.signal, message.fromTerminal);
        return;
      case 'addresses':
        this.#addresses = message.addresses;
        return;
      case 'answer': {
        const { at, text, done = false } = message;
        this.#settle(message.id)?.resolve({
          handle,
          done,
          ...(at === undefined ? {} : { at }),
          ...(text === undefined ? {} : { text }),
        });
        return;
      }
      case 'failure':
        this.#settle(message.id)?.reject(Object.assign(new Error(message.why), { code: message.code }));
    }
  }
}
