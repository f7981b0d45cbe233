import { canonicalAddress, type SocketAddress } from '../../net/index.ts';
import { clientAddress, Machine } from '../../system/index.ts';
import { endsWith, labelsOf } from '../names/name.ts';
import { type ForwarderOptions, type ResolvedOptions, type UpstreamAddress, upstreamName } from './options.ts';
import { systemServers } from './system-servers.ts';
import { Upstream } from './upstream.ts';

/** The list of upstreams, and the choice of those for a name. */
export class Upstreams {
  readonly #wanted: ForwarderOptions['upstreams'];
  readonly #options: ResolvedOptions;
  readonly #machine: Machine;
  #all: readonly Upstream[] = [];

  constructor(wanted: ForwarderOptions['upstreams'], options: ResolvedOptions) {
    this.#wanted = wanted;
    this.#options = options;
    this.#machine = new Machine(() => options.clock.now());
  }

  get all(): readonly Upstream[] {
    return this.#all;
  }

  /** Reads the list. Upstreams that remain keep their state. If a file is unreadable, all remain. */
  async read(): Promise<void> {
    const own = this.#options.ownListeners();
    const isOwn = (place: SocketAddress) => own.some(listener => this.#reaches(place, listener));
    const used: UpstreamAddress[] = [];
    const leftOut: UpstreamAddress[] = [];
    for (const wanted of this.#wanted) {
      if (wanted !== 'system') (isOwn(wanted) ? leftOut : used).push(wanted);
      else {
        const system = await systemServers(this.#options, isOwn);
        if ('unreadable' in system) {
          this.#options.onEvent({
            kind: 'upstreams-unreadable',
            path: this.#options.resolvConf,
            why: system.unreadable,
          });
          return;
        }
        used.push(...system.servers);
        leftOut.push(...system.leftOut);
      }
    }
    this.#replace(used);
    this.#options.onEvent({
      kind: 'upstreams',
      upstreams: used.map(upstreamName),
      leftOut: leftOut.map(upstreamName),
    });
  }

  /**
   * The upstreams for a name, in order: those of the longest zone that contains it, without those that are down, unless
   * all are. Never those of another zone, since these must not learn the names.
   */
  candidates(name: Uint8Array): readonly Upstream[] {
    const labels = labelsOf(name);
    const within = this.#all.filter(upstream => endsWith(labels, upstream.zone));
    const longest = Math.max(...within.map(upstream => upstream.zone.length));
    const usable = within.filter(upstream => upstream.zone.length === longest && upstream.state !== 'loop');
    const up = usable.filter(upstream => upstream.state === 'up');
    return up.length > 0 ? up : usable;
  }

  close(): void {
    for (const upstream of this.#all) upstream.close();
    this.#all = [];
  }

  /** Whether an address reaches our own listener. */
  #reaches(place: SocketAddress, listener: SocketAddress): boolean {
    if (place.port !== listener.port) return false;
    const address = clientAddress(place.address);
    const own = canonicalAddress(listener.address);
    if (own === '0.0.0.0' || own === '::') return address !== undefined && this.#machine.isSelf(address);
    return address === own;
  }

  #replace(places: readonly UpstreamAddress[]): void {
    const before = new Map(this.#all.map(upstream => [upstream.name, upstream]));
    this.#all = places.map(place => {
      const known = before.get(upstreamName(place));
      // Check it for a loop again.
      if (known === undefined || known.state === 'loop') return new Upstream(place, this.#options);
      before.delete(known.name);
      return known;
    });
    for (const gone of before.values()) gone.close();
  }
}
