import { attributesIn, type NetlinkMessage, NetlinkSocket } from '../../system/index.ts';
import { TABLE } from './layout.ts';

const NETLINK_NETFILTER = 12;
/** linux/netfilter/nf_tables.h */
const SUBSYSTEM = 10 << 8;
const GET_GENERATION = SUBSYSTEM | 16;
const NFNLGRP_NFTABLES = 1 << (7 - 1);
const WAITING_BYTES = 4 << 20;

/**
 * Detects changes of Switchboard's tables by other programs. The kernel counts the transactions of a network namespace
 * (the generation). If the count has grown by more than this process' own transactions, the kernel's notifications tell
 * which tables the others changed.
 */
export class GenerationWatcher {
  readonly #requests = new NetlinkSocket(NETLINK_NETFILTER);
  #notifications: NetlinkSocket | undefined;
  #known: number;
  /** Another program's transaction overlapped with one of this process, so it is unknown what it changed. */
  #suspect = false;
  /** A transaction of this process is in progress and may already be counted. */
  #busy = false;

  /** @throws NetlinkError */
  constructor() {
    this.#listen();
    this.#known = this.#generation();
  }

  /**
   * Runs transactions of this process.
   *
   * @param work calls `count` for each transaction
   * @param large closes the notification socket meanwhile: reading many notifications would cost more than the transaction
   */
  async around<T>(work: (count: () => void) => Promise<T>, large: boolean): Promise<T> {
    this.changedByOthers();
    if (large) {
      // Closing waits about 15 ms for the kernel, so for small transactions the notifications are read and dropped.
      this.#notifications?.close();
      this.#notifications = undefined;
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

  /** Whether another program may have changed the tables since the last call of `acknowledge`. */
  changedByOthers(): boolean {
    if (this.#busy) return this.#suspect;
    const generation = this.#generation();
    if (generation !== this.#known) {
      const messages = this.#notifications?.drain();
      if (messages === undefined || messages.some(isOwnTable)) this.#suspect = true;
      this.#known = generation;
    }
    return this.#suspect;
  }

  /** Called after the tables were compared with the expected state and repaired. */
  acknowledge(): void {
    this.#suspect = false;
  }

  close(): void {
    this.#notifications?.close();
    this.#requests.close();
  }

  /** Never throws: the transactions are complete. If they cannot be counted, the tables are treated as changed by others. */
  #countOwn(before: number, own: number): void {
    try {
      if (this.#notifications === undefined) this.#listen();
      else this.#notifications.drain();
      const after = this.#generation();
      if (after - before > own) this.#suspect = true;
      this.#known = after;
    } catch {
      this.#suspect = true;
    }
  }

  #listen(): void {
    this.#notifications = new NetlinkSocket(NETLINK_NETFILTER, NFNLGRP_NFTABLES);
    this.#notifications.widen(WAITING_BYTES);
  }

  #generation(): number {
    const answer = this.#requests.request(GET_GENERATION, 0, Buffer.alloc(4))[0];
    return answer === undefined ? -1 : (attributesIn(answer.payload.subarray(4)).get(1)?.readUInt32BE(0) ?? -1);
  }
}

/** The first attribute of every notification is the name of the table, except for the one of the generation. */
function isOwnTable({ type, payload }: NetlinkMessage): boolean {
  if (type === (SUBSYSTEM | 15)) return false;
  const table = attributesIn(payload.subarray(4)).get(1);
  return table?.toString('latin1').replace(/\0$/, '') === TABLE;
}
