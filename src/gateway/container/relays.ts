import { createServer } from 'node:net';
import { join, type Link } from '../../link/index.ts';
import { hostPort } from '../../net/index.ts';
import { listen, reset } from '../../system/index.ts';
import { UdpRelay } from '../udp-relay.ts';
import type { RelayCall } from './calls.ts';

/** Carries connections to addresses of the gateway on to the network at the other side of the link. */
export class LinkRelays {
  readonly #opened = new Map<string, Promise<void>>();
  readonly #connect: Pick<Link, 'connectTcp' | 'connectUdp'>;
  readonly #targets = new Map<string, RelayCall['to']>();

  /** @param connect over the link that is open; rejects if none is */
  constructor(connect: Pick<Link, 'connectTcp' | 'connectUdp'>) {
    this.#connect = connect;
  }

  /** A relay that is open already leads to the new target. Rejects with the system's error if it cannot listen. */
  open({ protocol, at, to }: RelayCall): Promise<void> {
    const key = `${protocol} ${hostPort(at.address, at.port)}`;
    this.#targets.set(key, to);
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const target = (): RelayCall['to'] => this.#targets.get(key) ?? to;
    const opening = protocol === 'TCP' ? this.#openTcp(at, target) : this.#openUdp(at, target);
    this.#opened.set(key, opening);
    opening.catch(() => this.#opened.delete(key));
    return opening;
  }

  async #openTcp(at: RelayCall['at'], target: () => RelayCall['to']): Promise<void> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, client => {
      client.on('error', () => undefined);
      this.#connect.connectTcp(target()).then(
        upstream => join(client, upstream),
        () => reset(client),
      );
    });
    await listen(server, at, { onError: () => undefined });
  }

  async #openUdp(at: RelayCall['at'], target: () => RelayCall['to']): Promise<void> {
    await UdpRelay.open(at, () => this.#connect.connectUdp(target()));
  }
}
