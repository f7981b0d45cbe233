import { timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';

/** The first line of a connection. */
export interface Greeting {
  /** What its opener does on it: sends calls, or answers those of the other side. */
  readonly direction: 'calls' | 'answers';
  readonly token: string;
  /** The same for the two connections of a link. */
  readonly id: string;
}

const MAX_BYTES = 512;
const FORM = /^switchboard-link 1 (calls|answers) (\S{1,200}) ([0-9a-f]{32})\n/;

export function greetingLine({ direction, token, id }: Greeting): string {
  return `switchboard-link 1 ${direction} ${token} ${id}\n`;
}

/**
 * Reads the first line and leaves the rest.
 *
 * @param limitMs how long to wait for it
 * @returns undefined for a stranger, or if no line comes in time
 */
export function readGreeting(
  socket: Socket,
  token: string,
  limitMs: number,
): Promise<Omit<Greeting, 'token'> | undefined> {
  return new Promise(resolve => {
    let read: Buffer = Buffer.alloc(0);
    const end = (greeting: Omit<Greeting, 'token'> | undefined): void => {
      clearTimeout(timer);
      socket.off('readable', onReadable);
      socket.off('close', onClose);
      resolve(greeting);
    };
    const onClose = (): void => end(undefined);
    const onReadable = (): void => {
      const chunk: Buffer | null = socket.read();
      if (chunk === null) return;
      read = Buffer.concat([read, chunk]);
      if (!read.includes(0x0a)) {
        if (read.length > MAX_BYTES) end(undefined);
        return;
      }
      const [line, direction, given = '', id = ''] = FORM.exec(read.toString('latin1')) ?? [];
      if (line === undefined || !isSame(given, token)) {
        end(undefined);
        return;
      }
      socket.unshift(read.subarray(line.length));
      end({ direction: direction === 'calls' ? 'calls' : 'answers', id });
    };
    const timer = setTimeout(() => end(undefined), limitMs);
    socket.on('readable', onReadable);
    socket.on('close', onClose);
  });
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
