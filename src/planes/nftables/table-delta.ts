import type { IpFamily } from '../../net/index.ts';
import { SCHEMAS, tableOf } from './layout.ts';
import type { ElementDelta } from './nft/table-socket.ts';

/** Set or map -> key -> data; `''` for elements of sets. Chains are kept the same way, under `CHAINS`. */
export type Elements = Map<string, Map<string, string>>;

/** The pseudo set of the chains that are created and deleted with elements. */
export const CHAINS = 'chains';

type RulesOf = (chain: string) => readonly string[];

/**
 * The net change that a batch makes to one table. `remove` names an element of the state before the batch, `add` one of
 * the state after it. So the order of the calls does not matter, and a frontend may move from one route to another.
 */
export class TableDelta {
  readonly family: IpFamily;
  readonly #before: Elements = new Map();
  readonly #after: Elements = new Map();

  constructor(family: IpFamily) {
    this.family = family;
  }

  remove(set: string, key: string, data = ''): void {
    elementsOf(this.#before, set).set(key, data);
  }

  add(set: string, key: string, data = ''): void {
    elementsOf(this.#after, set).set(key, data);
  }

  /** The number of elements and chains that differ. Changed data counts twice: once removed, once added. */
  get size(): number {
    let size = 0;
    for (const [set, elements] of this.#before) for (const _ of different(elements, this.#after.get(set))) size++;
    for (const [set, elements] of this.#after) for (const _ of different(elements, this.#before.get(set))) size++;
    return size;
  }

  /** Elements that go, those whose data differs included. */
  *removals(): Generator<ElementDelta> {
    for (const [set, elements] of this.#before) {
      if (set === CHAINS || isPlainRange(set)) continue;
      yield { family: this.family, set, elements: different(elements, this.#after.get(set)) };
    }
  }

  *additions(): Generator<ElementDelta> {
    for (const [set, elements] of this.#after) {
      if (set === CHAINS || isPlainRange(set)) continue;
      yield { family: this.family, set, elements: different(elements, this.#before.get(set)) };
    }
  }

  /**
   * The commands before the elements: the pod networks, and new chains. Nothing refers to those chains yet. A chain that an
   * earlier attempt has left is flushed and filled again.
   */
  creations(rulesOf: RulesOf): string {
    const table = tableOf(this.family);
    const lines = this.#newChains().flatMap(name => [
      `add chain ${table} ${name}\n`,
      `flush chain ${table} ${name}\n`,
      ...rulesOf(name).map(rule => `add rule ${table} ${name} ${rule}\n`),
    ]);
    return `${this.#networks('pod_networks')}${lines.join('')}`;
  }

  /**
   * The commands after the elements: the Service networks, and the deletion of chains that nothing refers to any more.
   */
  deletions(): string {
    const table = tableOf(this.family);
    const names = this.#oldChains();
    const lines = [
      ...names.map(name => `flush chain ${table} ${name}\n`),
      ...names.map(name => `delete chain ${table} ${name}\n`),
    ];
    return `${this.#networks('service_networks')}${lines.join('')}`;
  }

  /** Commands that take back what `creations` made, when the elements were not taken. */
  undoCreations(): string {
    const table = tableOf(this.family);
    const names = this.#newChains().reverse();
    return [
      ...names.map(name => `flush chain ${table} ${name}\n`),
      ...names.map(name => `delete chain ${table} ${name}\n`),
    ].join('');
  }

  /** All of it as the commands of one transaction. */
  commands(rulesOf: RulesOf): string {
    const lines = [
      ...[...this.removals()].map(deltas => elementCommand('delete', deltas)),
      ...[...this.additions()].map(deltas => elementCommand('add', deltas)),
    ];
    return `${this.creations(rulesOf)}${lines.join('')}${this.deletions()}`;
  }

  /** The kernel keeps plain ranges with the gaps between them, which only nft works out. */
  #networks(set: string): string {
    const before = this.#before.get(set);
    const after = this.#after.get(set);
    const { family } = this;
    return [
      elementCommand('delete', { family, set, elements: different(before, after) }),
      elementCommand('add', { family, set, elements: different(after, before) }),
    ].join('');
  }

  /** What a chain goes to comes before it, and goes after it: only `local` chains go to others. */
  #newChains(): string[] {
    return [...different(this.#after.get(CHAINS), this.#before.get(CHAINS))].map(({ key }) => key).sort(byNeed);
  }

  #oldChains(): string[] {
    return [...different(this.#before.get(CHAINS), this.#after.get(CHAINS))]
      .map(({ key }) => key)
      .sort(byNeed)
      .reverse();
  }
}

function elementCommand(verb: 'add' | 'delete', { family, set, elements }: ElementDelta): string {
  const texts = [...elements].map(({ key, data }) =>
    data === undefined || verb === 'delete' ? key : `${key} : ${data}`,
  );
  return texts.length === 0 ? '' : `${verb} element ${tableOf(family)} ${set} { ${texts.join(', ')} }\n`;
}

function elementsOf(all: Elements, set: string): Map<string, string> {
  const known = all.get(set);
  if (known !== undefined) return known;
  const elements = new Map<string, string>();
  all.set(set, elements);
  return elements;
}

/** The elements that the other side does not have with the same data. */
function* different(
  elements: ReadonlyMap<string, string> | undefined,
  others: ReadonlyMap<string, string> | undefined,
): Generator<{ key: string; data?: string }> {
  for (const [key, data] of elements ?? []) {
    if (others?.get(key) === data) continue;
    yield data === '' ? { key } : { key, data };
  }
}

function byNeed(a: string, b: string): number {
  const needs = Number(a.includes('-local-')) - Number(b.includes('-local-'));
  return needs !== 0 ? needs : a < b ? -1 : Number(a > b);
}

/** Sets whose ranges only nft's text can write: the kernel keeps them with gaps between. */
function isPlainRange(set: string): boolean {
  const schema = SCHEMAS.get(set);
  return schema?.ranges === true && schema.key.length === 1;
}
