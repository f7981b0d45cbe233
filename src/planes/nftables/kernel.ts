import { messageOf } from '../../errors.ts';
import { IP_FAMILIES, type IpFamily } from '../../net/index.ts';
import { chainRules, parseChainName } from './chains.ts';
import { GenerationWatcher } from './generation-watcher.ts';
import { tableOf } from './layout.ts';
import type { Nft } from './nft/nft.ts';
import { TableSocket } from './nft/table-socket.ts';
import type { ResolvedOptions } from './options.ts';
import { type Found, readTable } from './readback.ts';
import { rewriteRules, type Skeleton, skeletonOf } from './skeleton.ts';
import { CHAINS, type Elements, type TableDelta } from './table-delta.ts';

export type Tables = Readonly<Record<IpFamily, Found>>;
export type TableDeltas = Readonly<Record<IpFamily, TableDelta>>;

/** A transaction of at least this many elements is large. */
const LARGE = 1_000;

/**
 * The two tables in the kernel. All elements change in one transaction. Chains that new elements refer to are created
 * before it, and chains that are no longer referred to are deleted after it.
 */
export class Kernel {
  readonly skeletons: Readonly<Record<IpFamily, Skeleton>>;
  readonly #options: ResolvedOptions;
  readonly #nft: Nft;
  readonly #socket = new TableSocket();
  readonly #watcher = new GenerationWatcher();

  /** @throws NetlinkError */
  constructor(options: ResolvedOptions, nft: Nft) {
    this.#options = options;
    this.#nft = nft;
    this.skeletons = { IPv4: skeletonOf('IPv4', options), IPv6: skeletonOf('IPv6', options) };
  }

  /** @throws SWB_NFT_FAILED, NetlinkError */
  async read(): Promise<Tables> {
    const IPv4 = await this.readFamily('IPv4');
    return { IPv4, IPv6: await this.readFamily('IPv6') };
  }

  readFamily(family: IpFamily): Promise<Found> {
    return readTable(this.#nft, this.#socket, this.skeletons[family]);
  }

  /** How many rules each chain has. @throws NetlinkError */
  ruleCounts(family: IpFamily): Promise<Map<string, number>> {
    return this.#socket.chains(family);
  }

  /**
   * @param found the tables as read, if others may have changed them: then all rules are rewritten, too
   * @returns the error of nft or the kernel; undefined if everything is in the kernel
   */
  async write(deltas: TableDeltas, found?: Tables): Promise<string | undefined> {
    const sizes = IP_FAMILIES.map(family => deltas[family].size);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    if (size === 0 && found === undefined) return undefined;
    return this.#watcher.around(count => this.#write(deltas, found, count), size >= LARGE);
  }

  /** What `write` would do, as commands of one transaction. */
  text(deltas: TableDeltas, found: Tables | undefined): string {
    return IP_FAMILIES.map(
      family => this.#frame(family, found?.[family]) + deltas[family].commands(name => this.#rules(family, name)),
    ).join('');
  }

  /** Asks the kernel whether it would accept the deltas; nothing is changed. @returns the error if it would not */
  async check(deltas: TableDeltas, found: Tables | undefined): Promise<string | undefined> {
    const result = await this.#nft.run(this.text(deltas, found), { check: true });
    return result.ok ? undefined : result.error;
  }

  /** Whether another program may have changed the tables since `acknowledge`. */
  changedByOthers(): boolean {
    return this.#watcher.changedByOthers();
  }

  acknowledge(): void {
    this.#watcher.acknowledge();
  }

  close(): void {
    this.#watcher.close();
    this.#socket.close();
    this.#nft.close();
  }

  async #write(deltas: TableDeltas, found: Tables | undefined, count: () => void): Promise<string | undefined> {
    const run = async (text: string) => {
      if (text === '') return undefined;
      count();
      const result = await this.#nft.run(text);
      return result.ok ? undefined : result.error;
    };
    // A table of another version serves traffic until the new one replaces it, so this has to be one transaction.
    if (found !== undefined && IP_FAMILIES.some(family => found[family] === 'mismatch')) {
      return run(this.text(deltas, found));
    }
    const before = IP_FAMILIES.map(
      family => this.#frame(family, found?.[family]) + deltas[family].creations(name => this.#rules(family, name)),
    );
    const early = await run(before.join(''));
    if (early !== undefined) return early;
    count();
    const error = await this.#socket
      .write(
        IP_FAMILIES.flatMap(family => [...deltas[family].removals()]),
        IP_FAMILIES.flatMap(family => [...deltas[family].additions()]),
      )
      .catch(messageOf);
    const each = IP_FAMILIES.map(family =>
      error === undefined ? deltas[family].deletions() : deltas[family].undoCreations(),
    );
    // A failure here is harmless: an unused chain has no effect, and the next start removes it.
    await run(each.join('')).catch(() => undefined);
    return error;
  }

  /** The table without its elements. A table that was found keeps its elements, and its rules are rewritten. */
  #frame(family: IpFamily, found: Found | undefined): string {
    if (found === undefined) return '';
    const skeleton = this.skeletons[family];
    if (found === 'absent') return skeleton.text;
    const table = tableOf(family);
    if (found === 'mismatch') return `delete table ${table}\n${skeleton.text}`;
    return rewriteRules(skeleton, [...(found.get(CHAINS)?.keys() ?? [])], name => this.#rules(family, name));
  }

  #rules(family: IpFamily, name: string): string[] {
    const spec = parseChainName(name);
    return spec === undefined ? [] : chainRules(family, spec, this.#options);
  }
}

/** The elements of a table that was read; those of a table of another version do not count. */
export function elementsFound(found: Found): Elements {
  return typeof found === 'string' ? new Map() : found;
}
