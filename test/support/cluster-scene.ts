/** A source that follows an API server which misbehaves on demand. */
import { afterEach, beforeEach } from 'vitest';
import { ApiServer, Followed, SERVICES, SLICES, service, slice } from '../../testing/api-server/index.ts';

type Options = Partial<Parameters<typeof Followed.start>[0]>;

export const KINDS = ['Service', 'EndpointSlice'] as const;

/** A server for each test of the file, and what its tests do with it. */
export class ClusterScene {
  #api: ApiServer | undefined;
  #open: Followed[] = [];

  /** Starts and stops the server around each test. */
  constructor() {
    beforeEach(async () => {
      this.#api = await ApiServer.start();
    });
    afterEach(async () => {
      await Promise.all(this.#open.map(followed => followed.close()));
      this.#open = [];
      await this.#api?.stop();
    });
  }

  get api(): ApiServer {
    if (this.#api === undefined) throw new Error('no server outside tests');
    return this.#api;
  }

  async start(options: Options = {}): Promise<Followed> {
    const followed = await Followed.start({ kubeconfig: this.api.kubeconfig, kinds: KINDS, ...options });
    this.#open.push(followed);
    return followed;
  }

  async load(options: Options = {}): Promise<Followed> {
    const followed = await this.start(options);
    await followed.until(() => followed.loaded);
    return followed;
  }

  put(name: string, port = 80) {
    return this.api.request('PUT', `${SERVICES}/${name}`, service({ name, port }));
  }

  remove(name: string) {
    return this.api.request('DELETE', `${SERVICES}/${name}`);
  }

  /** A last change of each kind: when it has arrived, so has everything before it. */
  async settled(followed: Followed): Promise<void> {
    const name = `sentinel-${followed.events.length}`;
    await this.put(name);
    await this.api.request('PUT', `${SLICES}/${name}-1`, slice(name, ['10.1.0.9']));
    await followed.until(() => has(followed, name) && followed.object('EndpointSlice', `shop/${name}-1`) !== undefined);
  }

  watching(plural: string): Promise<void> {
    return this.api.until(() => this.api.watchesOf(plural) === 1);
  }
}

export function has(followed: Followed, name: string): boolean {
  return followed.object('Service', `shop/${name}`) !== undefined;
}
