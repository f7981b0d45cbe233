import { setTimeout as delay } from 'node:timers/promises';
import {
  type Engine,
  engineReason,
  isNameTaken,
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
import type { AddressPlan } from './address-plan.ts';

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

const SETTINGS_FOLDER = '/tmp';
const SETTINGS = 'gateway.json';
/** How long the gateway may take until it answers, in a virtual machine that has just started. */
const START_MS = 30_000;
const RETRY_MS = 50;
const ATTEMPT_MS = 3_000;
/** How long a host takes at most to tell whether it reaches an address. */
const DIRECT_MS = 1_000;
const LOG_LINES = 10;

/** A gateway container that runs, and the link to it. */
export interface Gateway {
  readonly container: string;
  readonly link: Link;
  /** Whether this machine reaches the network's addresses by itself. */
  readonly isDirect: boolean;
}

/**
 * Starts the gateway container of a network and opens a link to it.
 *
 * @param token what both sides of the link know and nobody else
 * @throws SWB_ENGINE, SWB_GATEWAY with the last lines of the container's log
 */
export async function openGateway(
  options: EngineNetworkOptions,
  network: string,
  plan: AddressPlan,
  token: string,
): Promise<Gateway> {
  const container = await startGateway(options, network, { token, ...settingsOf(plan) });
  try {
    const published = await openPublished(options, container, token);
    const direct = await openDirectly(options, { address: plan.gateway, port: LINK_PORT }, token);
    if (direct !== undefined) published.close();
    return { container, link: direct ?? published, isDirect: direct !== undefined };
  } catch (error) {
    await options.engine.containers.remove(container).catch(() => undefined);
    throw error;
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
async function openPublished(options: EngineNetworkOptions, container: string, token: string): Promise<Link> {
  const { engine, signal } = options;
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
      return await openWithin(ATTEMPT_MS, options, at, token);
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
  options: EngineNetworkOptions,
  at: SocketAddress,
  token: string,
): Promise<Link | undefined> {
  return openWithin(DIRECT_MS, options, at, token).catch(() => undefined);
}

/** Opens a link, or gives up: a place may accept connections and lead nowhere. */
async function openWithin(
  ms: number,
  { dial, handlers }: EngineNetworkOptions,
  at: SocketAddress,
  token: string,
): Promise<Link> {
  const limit = AbortSignal.timeout(ms);
  const opening = openLink({ dial: () => dial(at, limit), token, handlers });
  const late = new Promise<never>((_resolve, reject) => {
    limit.addEventListener('abort', () => reject(new Error(`no answer within ${ms} ms`)));
  });
  opening.then(
    link => limit.aborted && link.close(),
    () => undefined,
  );
  return Promise.race([opening, late]);
}
