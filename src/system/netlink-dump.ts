import { setImmediate } from 'node:timers/promises';
import {
  NetlinkError,
  type NetlinkMessage,
  type NetlinkSocket,
  NLM_F_DUMP,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from './netlink.ts';

/** How often a dump is attempted. */
export const MAX_DUMPS = 10;

const EINTR = 4;

/** What a dump needs from a socket. */
export type DumpSocket = Pick<NetlinkSocket, 'begin' | 'receive' | 'drain'>;

/**
 * Requests all objects of a kind from the kernel. The event loop turns after every chunk of the reply: a table of
 * 100,000 elements takes long enough to delay health checks. A dump during which something changed (NLM_F_DUMP_INTR) may
 * contain some objects twice and lack others, so it is repeated.
 *
 * @param read converts a message; undefined skips it
 * @throws NetlinkError with the kernel's error number; EINTR if something changed during each of MAX_DUMPS dumps
 */
export async function dump<T>(
  socket: DumpSocket,
  type: number,
  payload: Buffer,
  read: (message: NetlinkMessage) => T | undefined,
): Promise<T[]> {
  for (let i = 0; i < MAX_DUMPS; i++) {
    const found = await dumpOnce(socket, type, payload, read);
    if (found !== undefined) return found;
  }
  throw new NetlinkError('netlink: the kernel changes faster than it can be read', EINTR);
}

/** @returns undefined if something changed meanwhile */
async function dumpOnce<T>(
  socket: DumpSocket,
  type: number,
  payload: Buffer,
  read: (message: NetlinkMessage) => T | undefined,
): Promise<T[] | undefined> {
  try {
    return await readDump(socket, socket.begin(type, NLM_F_DUMP, payload), read);
  } catch (error) {
    // A dump that is not read to its end keeps the socket busy: the kernel rejects the next one with EBUSY.
    socket.drain();
    throw error;
  }
}

async function readDump<T>(
  socket: DumpSocket,
  sequence: number,
  read: (message: NetlinkMessage) => T | undefined,
): Promise<T[] | undefined> {
  const found: T[] = [];
  let isInterrupted = false;
  for (;;) {
    for (const message of socket.receive() ?? []) {
      if (message.sequence !== sequence) continue;
      if (message.type === NLMSG_ERROR) throw new NetlinkError('netlink', -message.payload.readInt32LE(0));
      // The message that ends the dump may be the one that carries the flag.
      isInterrupted ||= (message.flags & NLM_F_DUMP_INTR) !== 0;
      if (message.type === NLMSG_DONE) return isInterrupted ? undefined : found;
      const one = isInterrupted ? undefined : read(message);
      if (one !== undefined) found.push(one);
    }
    await setImmediate();
  }
}
