import type { Socket } from 'node:net';
import { reset } from '../../system/index.ts';

/** More would cost files that others need; those beyond are turned away at once. */
const MOST_HELD = 256;

/**
 * Clients of a route whose delivery is `drop`. A proxy in the kernel answers their SYN with silence. Here the kernel has
 * already answered when accept() gives the client to us, and a listener that is closed would refuse, which tells a
 * client (or a load balancer before it) something else. So they are held without a word for as long as a connect may
 * take, and then reset: for them too it ends in a time-out, and it costs a bounded number of sockets.
 */
export class HeldClients {
  readonly #held = new Set<Socket>();
  readonly #forMs: number;

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** `over` is called when the socket is closed. */
  hold(client: Socket, over: () => void): void {
    client.on('error', () => {});
    if (this.#held.size >= MOST_HELD) {
      client.once('close', over);
      reset(client);
      return;
    }
    this.#held.add(client);
    const timer = setTimeout(() => reset(client), this.#forMs).unref();
    client.once('close', () => {
      clearTimeout(timer);
      this.#held.delete(client);
      over();
    });
  }

  close(): void {
    for (const client of this.#held) reset(client);
  }
}
