import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { type Network, objectName, ownerLabels } from '../../engine/index.ts';
import { messageOf } from '../../errors.ts';
import type { Link } from '../../link/index.ts';
import { Backoff } from '../../scheduling/index.ts';
import { type AddressPlan, addressPlan } from './address-plan.ts';
import { type EngineNetworkOptions, type Gateway, openGateway } from './gateway.ts';

/** Ranges of private networks that are seldom used, in the order in which they are tried. */
const SUBNETS = ['10.213.0.0/16', '172.29.0.0/16', '10.97.0.0/16', '172.24.0.0/16', '192.168.208.0/20'];
const FIRST_RETRY_MS = 200;
const MAX_RETRY_MS = 5_000;
const REMOVAL_MS = 3_000;

export interface NetworkEvents {
  /** Called when another gateway has taken the place of the last one, which knew everything that this one lacks. */
  readonly onReplaced: () => Promise<void>;
  /** Gets lines for the user. */
  readonly onNotice: (text: string) => void;
}

/** A bridge network of an engine for pods, with its gateway container, which is replaced when it ends. */
export class EngineNetwork {
  readonly name: string;
  readonly plan: AddressPlan;
  /** Whether this machine reaches the network's addresses by itself. */
  readonly isDirect: boolean;
  readonly #options: EngineNetworkOptions;
  readonly #token: string;
  readonly #closing = new AbortController();
  #gateway: Gateway;
  #replacing: Promise<void> | undefined;

  private constructor(
    options: EngineNetworkOptions,
    parts: { network: Network; plan: AddressPlan; gateway: Gateway; token: string },
  ) {
    const { network, plan, gateway, token } = parts;
    this.#options = options;
    this.name = network.name;
    this.plan = plan;
    this.isDirect = gateway.isDirect;
    this.#gateway = gateway;
    this.#token = token;
  }

  /** @throws SWB_ENGINE, SWB_GATEWAY with the last lines of the container's log */
  static async open(options: EngineNetworkOptions): Promise<EngineNetwork> {
    const { engine, owner, signal } = options;
    const network = await engine.networks.createFree(SUBNETS, {
      name: objectName(owner.session, ['net']),
      labels: ownerLabels(owner),
      signal,
    });
    try {
      const plan = addressPlan(network.subnets[0] ?? '');
      const token = randomBytes(24).toString('hex');
      const gateway = await openGateway(options, network.name, plan, token);
      return new EngineNetwork(options, { network, plan, gateway, token });
    } catch (error) {
      await engine.networks.remove(network.name).catch(() => undefined);
      throw error;
    }
  }

  /** The current one; another one after the gateway has been replaced. */
  get link(): Link {
    return this.#gateway.link;
  }

  /** Replaces the gateway from now on whenever its link is lost: its container has ended, or the engine has. */
  keep(events: NetworkEvents): void {
    void this.#gateway.link.closed.then(() => {
      if (this.#closing.signal.aborted) return;
      events.onNotice('the gateway of the pods in containers is gone: starting another one');
      this.#replacing = this.#replace(events);
    });
  }

  /** Removes the network. Call when all pods have left it. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#replacing;
    const { engine } = this.#options;
    this.#gateway.link.close();
    await engine.containers.remove(this.#gateway.container);
    await engine.networks.remove(this.name);
  }

  /** Tries until it succeeds: the engine may be gone for as long as a laptop sleeps. */
  async #replace(events: NetworkEvents): Promise<void> {
    const { engine } = this.#options;
    const { signal } = this.#closing;
    const backoff = new Backoff({ firstMs: FIRST_RETRY_MS, maxMs: MAX_RETRY_MS });
    let said = '';
    while (!signal.aborted) {
      try {
        // Podman 4.3 may wait for ever for a container that is just ending.
        const limit = AbortSignal.any([signal, AbortSignal.timeout(REMOVAL_MS)]);
        await engine.containers.remove(this.#gateway.container, { signal: limit });
        this.#gateway = await openGateway({ ...this.#options, signal }, this.name, this.plan, this.#token);
        await events.onReplaced();
        events.onNotice('another gateway runs: the Services of the pods in containers answer again');
        this.keep(events);
        return;
      } catch (error) {
        const why = messageOf(error);
        if (why !== said && !signal.aborted) events.onNotice(`the gateway cannot be started: ${why}; tried again`);
        said = why;
        await delay(backoff.next(), undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
