import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  type Engine,
  engineReason,
  isNameTaken,
  type Network,
  type ObjectOwner,
  objectName,
  ownerLabels,
  tarOf,
} from '../../engine/index.ts';
import { messageOf, SwitchboardError } from '../../errors.ts';
import { type Link, type LinkHandlers, openLink } from '../../link/index.ts';
import { blockText, type SocketAddress } from '../../net/index.ts';
import type { NetworkSockets } from '../../system/index.ts';
import { type GatewaySettings, LINK_PORT } from '../container/calls.ts';
import type { GatewayImage } from '../image/gateway-image.ts';
import { PROGRAM } from '../image/package-files.ts';
import { type AddressPlan, addressPlan } from './address-plan.ts';

export interface EngineNetworkOptions {
  readonly engine: Engine;
  readonly owner: ObjectOwner;
  readonly image: GatewayImage;
  /** What the gateway's side may ask of this one. */
  readonly handlers: LinkHandlers;
  /** Connects in the network of this machine. */
  readonly dial: NetworkSockets['connectTcp'];
  readonly signal?: AbortSignal;
}

/** Ranges of private networks that are seldom used, in the order in which they are tried. */
const SUBNETS = ['10.213.0.0/16', '172.29.0.0/16', '10.97.0.0/16', '172.24.0.0/16', '192.168.208.0/20'];
const SETTINGS_FOLDER = '/tmp';
const SETTINGS = 'gateway.json';
/** How long the gateway may take until it answers, in a virtual machine that has just started. */
const START_MS = 30_000;
const RETRY_MS = 50;
/** How long a host takes at most to tell whether it reaches an address. */
const DIRECT_MS = 1_000;
const LOG_LINES = 10;

/** A bridge network of an engine for pods, with its gateway container. */
export class EngineNetwork {
  readonly name: string;
  readonly plan: AddressPlan;
  /** Whether this machine reaches the network's addresses by itself. */
  readonly isDirect: boolean;
  readonly #options: EngineNetworkOptions;
  readonly #container: string;
  readonly #link: Link;

  private constructor(
    options: EngineNetworkOptions,
    parts: { network: Network; plan: AddressPlan; container: string; link: Link; isDirect: boolean },
  ) {
    this.#options = options;
    this.name = parts.network.name;
    this.plan = parts.plan;
    this.#container = parts.container;
    this.#link = parts.link;
    this.isDirect = parts.isDirect;
  }

  /** @throws SWB_ENGINE, SWB_GATEWAY with the last lines of the container's log */
  static async open(options: EngineNetworkOptions): Promise<EngineNetwork> {
    const { engine, owner, signal } = options;
    const network = await engine.networks.createFree(SUBNETS, {
      name: objectName(owner.session, ['net']),
      labels: ownerLabels(owner),
      signal,
    });
    let container: string | undefined;
    try {
      const plan = addressPlan(network.subnets[0] ?? '');
      const token = randomBytes(24).toString('hex');
      container = await startGateway(options, network.name, { token, ...settingsOf(plan) });
      const published = await openPublished(options, container, token);
      const direct = await openDirectly(options, { address: plan.gateway, port: LINK_PORT }, token);
      if (direct !== undefined) published.close();
      const link = direct ?? published;
      return new EngineNetwork(options, { network, plan, container, link, isDirect: direct !== undefined });
    } catch (error) {
      if (container !== undefined) await engine.containers.remove(container).catch(() => undefined);
      await engine.networks.remove(network.name).catch(() => undefined);
      throw error;
    }
  }

  get link(): Link {
    return this.#link;
  }

  /** Removes the network. Call when all pods have left it. */
  async close(): Promise<void> {
    const { engine } = this.#options;
    this.#link.close();
    await engine.containers.remove(this.#container);
    await engine.networks.remove(this.name);
  }
}

function settingsOf({ gateway, clusterIPs, relays }: AddressPlan): Omit<GatewaySettings, 'token'> {
  return { address: gateway, clusterIPs: blockText(clusterIPs), relays: blockText(relays) };
}

async function startGateway(
  { engine, owner, image, signal }: EngineNetworkOptions,
  network: string,
  settings: GatewaySettings,
): Promise<string> {
  const name = objectName(owner.session, ['gateway']);
  const { id } = await engine.containers
    .create(
      {
        name,
        image: image.reference,
        labels: { ...ownerLabels(owner), [ROLE]: 'gateway' },
        entrypoint: [image.node, PROGRAM, `${SETTINGS_FOLDER}/${SETTINGS}`],
        cmd: [],
        network: {
          kind: 'member',
          network,
          ipv4: settings.address,
          ports: [{ containerPort: LINK_PORT, protocol: 'TCP', hostIp: '127.0.0.1', hostPort: 0 }],
          sysctls: { 'net.ipv4.ip_unprivileged_port_start': '0' },
        },
        // For the addresses that it holds.
        security: { capAdd: ['NET_ADMIN'] },
      },
      { signal },
    )
    .catch(error => {
      if (!isNameTaken(error)) throw error;
      throw new SwitchboardError('SWB_ENGINE', `a container with the name ${name} is there already: remove it`);
    });
  try {
    const content = Buffer.from(JSON.stringify(settings));
    // Not in an argument or a variable, where others would see the token.
    const archive = await tarOf([{ kind: 'file', path: SETTINGS, mode: 0o600, content }]);
    await engine.containers.putArchive(id, SETTINGS_FOLDER, archive, { signal });
    await engine.containers.start(id);
    return id;
  } catch (error) {
    await engine.containers.remove(id).catch(() => undefined);
    throw error;
  }
}

/** Says that a container which belongs to no pod is the gateway. */
export const ROLE = 'dev.switchboard.role';

/** Opens the link at the port that the engine has published, once the gateway listens. */
async function openPublished(
  { engine, handlers, dial, signal }: EngineNetworkOptions,
  container: string,
  token: string,
): Promise<Link> {
  const until = performance.now() + START_MS;
  for (;;) {
    const found = await engine.containers.inspect(container, { signal });
    if (found?.state.kind !== 'running') throw await ended(engine, container);
    const [port] = found.ports.filter(({ containerPort }) => containerPort === LINK_PORT);
    try {
      if (port === undefined) throw new Error(`the engine has not published port ${LINK_PORT}`);
      const at = {
        address: port.hostIp === '' || port.hostIp === '0.0.0.0' ? '127.0.0.1' : port.hostIp,
        port: port.hostPort,
      };
      return await openLink({ dial: () => dial(at), token, handlers });
    } catch (error) {
      signal?.throwIfAborted();
      if (performance.now() > until) {
        throw new SwitchboardError('SWB_GATEWAY', `the gateway does not answer: ${messageOf(error)}`, { cause: error });
      }
      await delay(RETRY_MS);
    }
  }
}

async function ended(engine: Engine, container: string): Promise<SwitchboardError> {
  const lines: string[] = [];
  try {
    for await (const { text } of engine.containers.logs(container, { tail: LOG_LINES })) lines.push(text);
  } catch (error) {
    lines.push(engineReason(error));
  }
  const said = lines.map(line => `\n  ${line}`).join('');
  return new SwitchboardError('SWB_GATEWAY', `the container of the gateway has ended${said}`);
}

/**
 * Opens the link at the container's own address, if this machine's network leads there: with an engine in a virtual machine
 * it does not. That the gateway answers proves that the address is not another machine's.
 */
async function openDirectly(
  { dial, handlers }: EngineNetworkOptions,
  at: SocketAddress,
  token: string,
): Promise<Link | undefined> {
  const limit = AbortSignal.timeout(DIRECT_MS);
  const opening = openLink({ dial: () => dial(at, limit), token, handlers });
  const late = new Promise<undefined>(resolve => limit.addEventListener('abort', () => resolve(undefined)));
  opening.then(
    link => limit.aborted && link.close(),
    () => undefined,
  );
  return Promise.race([opening.catch(() => undefined), late]);
}
