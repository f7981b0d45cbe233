import { Backoff } from '../scheduling/index.ts';
import type { EngineApi } from './api/api.ts';
import { Containers } from './containers/containers.ts';
import { type EngineNotice, watchEvents } from './events.ts';
import { type EngineFacts, factsFrom, negotiate } from './facts.ts';
import type { Candidate, FindContext } from './find/candidates.ts';
import { dockerConfigFolder } from './find/contexts.ts';
import { type FoundEngine, findEngine } from './find/find.ts';
import { thisMachine } from './find/presence.ts';
import { UserCredentials } from './images/docker-config.ts';
import { Images } from './images/images.ts';
import { Networks } from './networks/networks.ts';
import { Volumes } from './volumes.ts';

export interface OpenEngineOptions {
  /** The value of `--host`, as for the docker command line. */
  readonly host?: string | undefined;
  /** Undefined: this process and machine. */
  readonly context?: FindContext;
  /** In place of the known sockets, for tests. */
  readonly candidates?: readonly Candidate[];
  /** Whether to start `podman system service` if nothing else answers. Default: yes. */
  readonly startPodman?: boolean;
  /** Reports what does not stop the work: a credential helper that hangs. */
  readonly warn?: (message: string) => void;
  readonly signal?: AbortSignal | undefined;
}

const EVENTS_FIRST_DELAY_MS = 100;
const EVENTS_MAX_DELAY_MS = 5_000;

/** A container engine: Docker 20.10 or later, Podman 4.3 or later, or what speaks their API. */
export class Engine {
  readonly facts: EngineFacts;
  /** `unix:///var/run/docker.sock`. */
  readonly endpoint: string;
  /** What led to it: `DOCKER_HOST`, `context "colima"`, `Docker Desktop`. */
  readonly source: string;
  /** Other engines that answer, where none was named. */
  readonly others: FoundEngine['others'];
  readonly images: Images;
  readonly containers: Containers;
  readonly networks: Networks;
  readonly volumes: Volumes;
  readonly #found: FoundEngine;

  private constructor(found: FoundEngine, facts: EngineFacts, credentials: UserCredentials) {
    const { api, endpoint, source, others } = found;
    this.#found = found;
    this.facts = facts;
    this.endpoint = endpoint;
    this.source = source;
    this.others = others;
    this.images = new Images(api, facts, credentials);
    this.containers = new Containers(api, facts);
    this.networks = new Networks(api, facts);
    this.volumes = new Volumes(api);
  }

  /**
   * Finds an engine and agrees on a version with it.
   *
   * @throws SWB_NO_ENGINE if none answers; SWB_ENGINE if it is too old or runs no Linux containers
   */
  static async open(options: OpenEngineOptions = {}): Promise<Engine> {
    const { context = thisMachine(), warn = () => {}, signal } = options;
    const found = await findEngine({ ...options, context });
    try {
      const facts = await factsOf(found.api, found.ping, signal);
      const configFolder = dockerConfigFolder(context.env, context.home);
      return new Engine(found, facts, new UserCredentials({ env: context.env, configFolder, warn }));
    } catch (error) {
      await closeFound(found);
      throw error;
    }
  }

  /** The pid of `podman system service`, if this engine is a child of this process. */
  get servicePid(): number | undefined {
    return this.#found.service?.pid;
  }

  /** Events of objects that have all these labels, across restarts of the engine. */
  events(labels: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<EngineNotice> {
    const backoff = new Backoff({ firstMs: EVENTS_FIRST_DELAY_MS, maxMs: EVENTS_MAX_DELAY_MS });
    return watchEvents(this.#found.api, { labels, signal, backoff });
  }

  /** Closes connections, and ends `podman system service` if it is a child. Containers go on. */
  async close(): Promise<void> {
    await closeFound(this.#found);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function factsOf(
  api: EngineApi,
  ping: FoundEngine['ping'],
  signal: AbortSignal | undefined,
): Promise<EngineFacts> {
  const version = negotiate(ping.newest, ping.oldest);
  api.useVersion(version);
  const info = await api.json({
    method: 'GET',
    path: '/info',
    signal,
    doing: 'ask the container engine for its facts',
  });
  return factsFrom(info, ping.name, version);
}

async function closeFound({ api, service }: FoundEngine): Promise<void> {
  api.close();
  await service?.close();
}
