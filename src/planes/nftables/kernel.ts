import { messageOf } from '../../errors.ts';
import { IP_FAMILIES, type IpFamily } from '../../kube/protocol.ts';
import { chainRules, parseChainName } from './chains.ts';
import { CHAINS, type Edits, type Elements } from './edits.ts';
import { tableOf } from './layout.ts';
import type { Nft } from './nft/nft.ts';
import { TableSocket } from './nft/table-socket.ts';
import { type Found, readTable } from './readback.ts';
import type { Settings } from './settings.ts';
import { rewriteRules, type Skeleton, skeletonOf } from './skeleton.ts';
import { Watch } from './watch.ts';

export type Tables = Readonly<Record<IpFamily, Found>>;
export type TableEdits = Readonly<Record<IpFamily, Edits>>;

/** From so many elements on a transaction is a large one. */
const LARGE = 1_000;

/**
 * The two tables in the kernel. Elements, which are all that packets see change, go in as one transaction; chains that
 * new elements lead to are made before it and those that nothing leads to any more are removed after it.
 */
export class Kernel {
  readonly skeletons: Readonly<Record<IpFamily, Skeleton>>;
  readonly #settings: Settings;
  readonly #nft: Nft;
  readonly #socket = new TableSocket();
  readonly #watch = new Watch();

  /** @throws NetlinkError */
  constructor(settings: Settings, nft: Nft) {
    this.#settings = settings;
    this.#nft = nft;
    this.skeletons = { IPv4: skeletonOf('IPv4', settings), IPv6: skeletonOf('IPv6', settings) };
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
   * @param found what was read, where the tables may not be as we left them: then they get their rules anew
   * @returns what was refused, in nft's or the kernel's words; undefined if all of it is in the kernel
   */
  async write(edits: TableEdits, found?: Tables): Promise<string | undefined> {
    const sizes = IP_FAMILIES.map(family => edits[family].size);
    const size = sizes.reduce((sum, one) => sum + one, 0);
    if (size === 0 && found === undefined) return undefined;
    return this.#watch.around(count => this.#write(edits, found, count), size >= LARGE);
  }

  /** What `write` would do, as commands of one transaction. */
  text(edits: TableEdits, found: Tables | undefined): string {
    return IP_FAMILIES.map(
      family => this.#frame(family, found?.[family]) + edits[family].commands(name => this.#rules(family, name)),
    ).join('');
  }

  /** Asks the kernel whether it would take the edits. @returns what it would refuse */
  async refusal(edits: TableEdits, found: Tables | undefined): Promise<string | undefined> {
    const result = await this.#nft.run(this.text(edits, found), { check: true });
    return result.ok ? undefined : result.error;
  }

  /** Whether somebody else may have changed our tables since `settled`. */
  foreign(): boolean {
    return this.#watch.foreign();
  }

  settled(): void {
    this.#watch.settled();
  }

  close(): void {
    this.#watch.close();
    this.#socket.close();
    this.#nft.close();
  }

  async #write(edits: TableEdits, found: Tables | undefined, count: () => void): Promise<string | undefined> {
    const run = async (text: string) => {
      if (text === '') return undefined;
      count();
      const result = await this.#nft.run(text);
      return result.ok ? undefined : result.error;
    };
    // A table of another version serves until ours is whole: that has to be one transaction, however long its text.
    if (found !== undefined && IP_FAMILIES.some(family => found[family] === 'foreign')) {
      return run(this.text(edits, found));
    }
    const before = IP_FAMILIES.map(
      family => this.#frame(family, found?.[family]) + edits[family].creations(name => this.#rules(family, name)),
    );
    const early = await run(before.join(''));
    if (early !== undefined) return early;
    count();
    const refused = await this.#socket
      .write(
        IP_FAMILIES.flatMap(family => [...edits[family].removals()]),
        IP_FAMILIES.flatMap(family => [...edits[family].additions()]),
      )
      .catch(messageOf);
    const each = IP_FAMILIES.map(family =>
      refused === undefined ? edits[family].deletions() : edits[family].undoCreations(),
    );
    // The elements are in the kernel, or refused, whatever comes of this: an unused chain harms nobody, and the next
    // start removes it.
    await run(each.join('')).catch(() => undefined);
    return refused;
  }

  /** The table without its elements. What was found keeps its elements and gets its rules anew, whoever edited them. */
  #frame(family: IpFamily, found: Found | undefined): string {
    if (found === undefined) return '';
    const skeleton = this.skeletons[family];
    if (found === 'absent') return skeleton.text;
    const table = tableOf(family);
    if (found === 'foreign') return `delete table ${table}\n${skeleton.text}`;
    return rewriteRules(skeleton, [...(found.get(CHAINS)?.keys() ?? [])], name => this.#rules(family, name));
  }

  #rules(family: IpFamily, name: string): string[] {
    const spec = parseChainName(name);
    return spec === undefined ? [] : chainRules(family, spec, this.#settings);
  }
}

/** The elements of what was found; a table that is not ours has none that count. */
export function elementsFound(found: Found): Elements {
  return typeof found === 'string' ? new Map() : found;
}
