import type { Socket } from 'node:net';
import { reset } from '../../system/index.ts';

/** Over this number, clients are reset at once, so that file descriptors remain for others. */
const MAX_HELD = 256;

/**
 * Holds the clients of a route whose delivery is `drop`. A proxy in the kernel does not answer their SYN. Here the kernel
 * has already answered when accept() returns the client, and a closed listener would refuse, which means something else
 * to a client or to a load balancer in front of it. So the plane holds them silently for as long as a connect may take
 * and then resets them: they see a timeout, and the number of sockets is bounded.
 */
export class Tarpit {
  readonly #held = new Set<Socket>();
  readonly #holdMs: number;

  constructor(holdMs: number) {
    this.#holdMs = holdMs;
  }

  /** @param onClosed called when the socket is closed */
  hold(client: Socket, onClosed: () => void): void {
    client.on('error', () => {});
    if (this.#held.size >= MAX_HELD) {
      client.once('close', onClosed);
      reset(client);
      return;
    }
    this.#held.add(client);
    const timer = setTimeout(() => reset(client), this.#holdMs).unref();
    client.once('close', () => {
      clearTimeout(timer);
      this.#held.delete(client);
      onClosed();
    });
  }

  close(): void {
    for (const client of this.#held) reset(client);
  }
}
