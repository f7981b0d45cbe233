import { type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { messageOf } from '../../errors.ts';
import { canonicalAddress, type SocketAddress } from '../../net/index.ts';
import { clientAddress, Machine, parseResolvConf } from '../../system/index.ts';
import { endsWith, labelsOf } from '../names/name.ts';
import { DNS_PORT, type ResolvedOptions, type UpstreamAddress, upstreamName } from './options.ts';
import { Upstream } from './upstream.ts';

/** The list of upstreams, and the choice of those for a name. */
export class Upstreams {
  readonly #options: ResolvedOptions;
  readonly #machine: Machine;
  #all: readonly Upstream[] = [];
  #unwatch: () => void = () => undefined;

  constructor(options: ResolvedOptions) {
    this.#options = options;
    this.#machine = new Machine(() => options.clock.now());
  }

  get all(): readonly Upstream[] {
    return this.#all;
  }

  /** Reads the list. Upstreams that remain keep their state. If a file is unreadable, all remain. */
  async read(): Promise<void> {
    const { upstreams, onEvent, resolvConf } = this.#options;
    const listed: UpstreamAddress[] = [];
    try {
      for (const wanted of upstreams) listed.push(...(wanted === 'system' ? await this.#systemServers() : [wanted]));
    } catch (error) {
      onEvent({ kind: 'upstreams-unreadable', path: resolvConf, why: messageOf(error) });
      return;
    }
    const isOwn = this.#ownAddresses();
    const leftOut = listed.filter(isOwn);
    const used = listed.filter(place => !leftOut.includes(place));
    this.#replace(used);
    onEvent({ kind: 'upstreams', upstreams: used.map(upstreamName), leftOut: leftOut.map(upstreamName) });
  }

  /**
   * Calls back when the system's list changes, if that is used. Polls, because the file is often a link to a file that is
   * replaced as a whole, in a folder that may not exist, and a watch would stay with the old file.
   */
  watch(onChange: () => void): void {
    const { upstreams, resolvConf, linkFiles, pollMs } = this.#options;
    if (!upstreams.includes('system')) return;
    const listener: StatsListener = (now, before) => {
      if (now.mtimeMs !== before.mtimeMs || now.ino !== before.ino || now.size !== before.size) onChange();
    };
    const paths = [resolvConf, ...linkFiles];
    for (const path of paths) watchFile(path, { persistent: false, interval: pollMs }, listener);
    this.#unwatch = () => {
      for (const path of paths) unwatchFile(path, listener);
    };
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
    this.#unwatch();
    for (const upstream of this.#all) upstream.close();
    this.#all = [];
  }

  /**
   * Reads the system's servers: those of its resolv.conf, or those of its links if resolv.conf has only ourselves, as when
   * this server is the system's resolver. Includes our own addresses in the files read.
   *
   * @throws the system's error if no file is readable
   */
  async #systemServers(): Promise<readonly SocketAddress[]> {
    const { resolvConf, linkFiles } = this.#options;
    const isOwn = this.#ownAddresses();
    const listed: SocketAddress[] = [];
    let unreadable: { readonly error: unknown } | undefined;
    for (const path of [resolvConf, ...linkFiles]) {
      try {
        const { servers } = parseResolvConf(await readFile(path, 'utf8'));
        listed.push(...servers.map(address => ({ address, port: DNS_PORT })));
      } catch (error) {
        if (path === resolvConf) unreadable = { error };
      }
      if (listed.some(place => !isOwn(place))) return listed;
    }
    if (unreadable !== undefined) throw unreadable.error;
    return listed;
  }

  /** Returns whether an address reaches one of our own listeners. */
  #ownAddresses(): (place: SocketAddress) => boolean {
    const listeners = this.#options.ownListeners();
    return ({ address, port }) => {
      const canonical = clientAddress(address);
      return listeners.some(listener => {
        if (port !== listener.port) return false;
        const own = canonicalAddress(listener.address);
        const wildcard = own === '0.0.0.0' || own === '::';
        return wildcard ? canonical !== undefined && this.#machine.isSelf(canonical) : canonical === own;
      });
    };
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
