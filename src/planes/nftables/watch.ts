import { attributesIn, type NetlinkMessage, NetlinkSocket } from '../../system/index.ts';
import { TABLE } from './layout.ts';

const NETLINK_NETFILTER = 12;
/** linux/netfilter/nf_tables.h */
const SUBSYSTEM = 10 << 8;
const GET_GENERATION = SUBSYSTEM | 16;
const NFNLGRP_NFTABLES = 1 << (7 - 1);
const WAITING_BYTES = 4 << 20;

/**
 * Notices when somebody else changes our tables. The kernel counts the transactions of a network namespace; as long as
 * only ours were counted nothing needs to be looked at. Of others' the kernel's notices say which table they changed.
 */
export class Watch {
  readonly #asking = new NetlinkSocket(NETLINK_NETFILTER);
  #listening: NetlinkSocket | undefined;
  #known: number;
  /** Somebody's transaction came together with ours, so what it changed is not known. */
  #suspect = false;
  /** A transaction of our own is under way: what is counted may be it. */
  #busy = false;

  /** @throws NetlinkError */
  constructor() {
    this.#listen();
    this.#known = this.#generation();
  }

  /**
   * Runs transactions of our own.
   *
   * @param work calls `count` for each transaction that it makes
   * @param large many notices are to be expected: they are not listened to, which would cost more than the transaction
   */
  async around<T>(work: (count: () => void) => Promise<T>, large: boolean): Promise<T> {
    this.foreign();
    if (large) {
      // Closing waits for the kernel for some 15 ms, so for small ones the notices are read and thrown away.
      this.#listening?.close();
      this.#listening = undefined;
    }
    const before = this.#generation();
    if (before !== this.#known) this.#suspect = true;
    let own = 0;
    this.#busy = true;
    try {
      return await work(() => own++);
    } finally {
      this.#busy = false;
      this.#countOwn(before, own);
    }
  }

  /** Whether our tables may have been changed by somebody else since the last call of `settled`. */
  foreign(): boolean {
    if (this.#busy) return this.#suspect;
    const generation = this.#generation();
    if (generation !== this.#known) {
      const messages = this.#listening?.drain();
      if (messages === undefined || messages.some(isOurs)) this.#suspect = true;
      this.#known = generation;
    }
    return this.#suspect;
  }

  /** The tables were compared with what they should be, and are so. */
  settled(): void {
    this.#suspect = false;
  }

  close(): void {
    this.#listening?.close();
    this.#asking.close();
  }

  /** The transactions have been made or refused, whatever goes wrong here: then the tables are compared with what they should be. */
  #countOwn(before: number, own: number): void {
    try {
      if (this.#listening === undefined) this.#listen();
      else this.#listening.drain();
      const after = this.#generation();
      if (after - before > own) this.#suspect = true;
      this.#known = after;
    } catch {
      this.#suspect = true;
    }
  }

  #listen(): void {
    this.#listening = new NetlinkSocket(NETLINK_NETFILTER, NFNLGRP_NFTABLES);
    this.#listening.widen(WAITING_BYTES);
  }

  #generation(): number {
    const answer = this.#asking.request(GET_GENERATION, 0, Buffer.alloc(4))[0];
    return answer === undefined ? -1 : (attributesIn(answer.payload.subarray(4)).get(1)?.readUInt32BE(0) ?? -1);
  }
}

/** The first attribute of every notice but that of the generation is the name of the table. */
function isOurs({ type, payload }: NetlinkMessage): boolean {
  if (type === (SUBSYSTEM | 15)) return false;
  const table = attributesIn(payload.subarray(4)).get(1);
  return table?.toString('latin1').replace(/\0$/, '') === TABLE;
}
