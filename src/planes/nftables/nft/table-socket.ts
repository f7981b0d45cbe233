import { messageOf } from '../../../errors.ts';
import type { IpFamily } from '../../../net/index.ts';
import {
  attribute,
  attributeList,
  attributesIn,
  dump,
  MessageWriter,
  NetlinkError,
  type NetlinkMessage,
  NetlinkSocket,
  NLM_F_REQUEST,
} from '../../../system/index.ts';
import { inSlices, type Sliced } from '../in-slices.ts';
import { SCHEMAS, type Schema, TABLE } from '../layout.ts';
import { decodeElement, encodeElement } from './codec.ts';

const NETLINK_NETFILTER = 12;
/** linux/netfilter/nf_tables.h and nfnetlink.h */
const SUBSYSTEM = 10 << 8;
const NEW_ELEMENTS = SUBSYSTEM | 12;
const GET_ELEMENTS = SUBSYSTEM | 13;
const DELETE_ELEMENTS = SUBSYSTEM | 14;
const BATCH_BEGIN = 16;
const BATCH_END = 17;
const NLM_F_CREATE = 0x400;
const NLM_F_EXCL = 0x200;
const GET_TABLES = SUBSYSTEM | 1;
const TABLE_NAME = 1;
const GET_CHAINS = SUBSYSTEM | 4;
const CHAIN_TABLE = 1;
const CHAIN_NAME = 3;
const GET_RULES = SUBSYSTEM | 7;
const RULE_TABLE = 1;
const RULE_CHAIN = 2;
const LIST_TABLE = 1;
const LIST_SET = 2;
const LIST_ELEMENTS = 3;
/** An attribute's length has 16 bits. */
const MAX_BYTES = 60_000;
const FAMILY_NUMBERS: Readonly<Record<IpFamily, number>> = { IPv4: 2, IPv6: 10 };

/** Elements of one set to take out or to put in. */
export interface ElementDelta {
  readonly family: IpFamily;
  readonly set: string;
  readonly elements: Iterable<{ readonly key: string; readonly data?: string }>;
}

/**
 * Reads tables and writes elements by netlink: for 100,000 endpoints, nft's text would cost seconds and hundreds of
 * megabytes. Chains and rules are written by nft.
 */
export class TableSocket {
  readonly #socket: NetlinkSocket;
  /** Reused by all writes, so that a change allocates next to nothing. */
  readonly #batch = new MessageWriter();
  #sequence = 1_000_000;

  /** @throws NetlinkError */
  constructor() {
    this.#socket = new NetlinkSocket(NETLINK_NETFILTER);
  }

  /**
   * Writes one transaction: all removals, then all additions, or nothing.
   *
   * @returns the kernel's error; undefined if it accepted everything
   */
  async write(removals: Iterable<ElementDelta>, additions: Iterable<ElementDelta>): Promise<string | undefined> {
    const batch = this.#batch;
    batch.clear();
    this.#control(batch, BATCH_BEGIN);
    const before = batch.length;
    const names = new Map<number, string>();
    for (const delta of removals) this.#encode(DELETE_ELEMENTS, 0, delta, batch, names);
    for (const delta of additions) this.#encode(NEW_ELEMENTS, NLM_F_CREATE | NLM_F_EXCL, delta, batch, names);
    if (batch.length === before) return undefined;
    this.#control(batch, BATCH_END);
    try {
      const errors = await this.#socket.batch(batch.bytes);
      for (const [sequence, errno] of errors) {
        return `${names.get(sequence) ?? 'the batch'}: ${new NetlinkError('netlink', errno).message}`;
      }
      return undefined;
    } catch (error) {
      return messageOf(error);
    } finally {
      batch.clear();
    }
  }

  /** All elements of a set. @throws NetlinkError if there is no such set */
  async read(family: IpFamily, set: string): Promise<Map<string, string>> {
    const schema = SCHEMAS.get(set);
    if (schema === undefined) return new Map();
    const payload = Buffer.concat([header(family), name(LIST_TABLE, TABLE), name(LIST_SET, set)]);
    const chunks = await dump(this.#socket, GET_ELEMENTS, payload, message => elementsIn(family, schema, message));
    return await inSlices(joined(chunks));
  }

  /** The chains of the table, each with the number of its rules; empty if there is no table. @throws NetlinkError */
  async chains(family: IpFamily): Promise<Map<string, number>> {
    const payload = Buffer.concat([header(family), name(CHAIN_TABLE, TABLE)]);
    const chains = await dump(this.#socket, GET_CHAINS, payload, message => ownName(message, CHAIN_TABLE, CHAIN_NAME));
    const counts = new Map(chains.map(chain => [chain, 0]));
    if (counts.size === 0) return counts;
    const rules = await dump(this.#socket, GET_RULES, payload, message => ownName(message, RULE_TABLE, RULE_CHAIN));
    for (const chain of rules) counts.set(chain, (counts.get(chain) ?? 0) + 1);
    return counts;
  }

  /** The names of the tables of a family. @throws NetlinkError */
  tables(family: IpFamily): Promise<string[]> {
    return dump(this.#socket, GET_TABLES, header(family), ({ payload }) =>
      textOf(attributesIn(payload.subarray(4)).get(TABLE_NAME)),
    );
  }

  close(): void {
    this.#socket.close();
  }

  #control(batch: MessageWriter, type: number): void {
    const start = batch.beginMessage(type, NLM_F_REQUEST, ++this.#sequence);
    // res_id names the subsystem, in network order.
    batch.append(Buffer.from([0, 0, 0, SUBSYSTEM >> 8]));
    batch.endMessage(start);
  }

  #encode(type: number, flags: number, delta: ElementDelta, batch: MessageWriter, names: Map<number, string>): void {
    const { family, set } = delta;
    const schema = SCHEMAS.get(set);
    if (schema === undefined) return;
    const head = Buffer.concat([header(family), name(LIST_TABLE, TABLE), name(LIST_SET, set)]);
    let open: { readonly message: number; readonly list: number } | undefined;
    const end = () => {
      if (open === undefined) return;
      batch.endAttribute(open.list);
      batch.endMessage(open.message);
      open = undefined;
    };
    for (const { key, data } of delta.elements) {
      if (open !== undefined && batch.length - open.list > MAX_BYTES) end();
      if (open === undefined) {
        names.set(++this.#sequence, `set ${set} (${family})`);
        const message = batch.beginMessage(type, NLM_F_REQUEST | flags, this.#sequence);
        batch.append(head);
        open = { message, list: batch.beginNested(LIST_ELEMENTS) };
      }
      encodeElement(batch, family, schema, key, type === DELETE_ELEMENTS ? undefined : data);
    }
    end();
  }
}

function elementsIn(family: IpFamily, schema: Schema, { payload }: NetlinkMessage): [string, string][] {
  const list = attributesIn(payload.subarray(4)).get(LIST_ELEMENTS);
  const elements: [string, string][] = [];
  for (const [, element] of list === undefined ? [] : attributeList(list)) {
    const decoded = decodeElement(family, schema, element);
    if (decoded !== undefined) elements.push(decoded);
  }
  return elements;
}

function* joined(chunks: readonly (readonly [string, string])[][]): Sliced<Map<string, string>> {
  const elements = new Map<string, string>();
  for (const chunk of chunks) {
    yield;
    for (const [key, data] of chunk) elements.set(key, data);
  }
  return elements;
}

/** The name in an attribute, if the message belongs to Switchboard's table. */
function ownName({ payload }: NetlinkMessage, tableAttribute: number, nameAttribute: number): string | undefined {
  const attributes = attributesIn(payload.subarray(4));
  return textOf(attributes.get(tableAttribute)) === TABLE ? textOf(attributes.get(nameAttribute)) : undefined;
}

/** struct nfgenmsg */
function header(family: IpFamily): Buffer {
  return Buffer.from([FAMILY_NUMBERS[family], 0, 0, 0]);
}

function name(type: number, text: string): Buffer {
  return attribute(type, Buffer.from(`${text}\0`, 'latin1'));
}

function textOf(value: Buffer | undefined): string {
  return value?.toString('latin1').replace(/\0$/, '') ?? '';
}
