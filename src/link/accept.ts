import type { ClientHttp2Session, Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { readGreeting } from './greeting.ts';
import type { Link, LinkHandlers } from './link.ts';
import { HELLO, linkOf } from './open.ts';
import { endSession, handlingSession, openingSession } from './session.ts';

export interface AcceptLinksOptions {
  readonly token: string;
  /** What this side does for the other one; it may use the link itself. */
  readonly handlers: (link: Promise<Link>) => LinkHandlers;
  readonly onLink: (link: Link) => void;
  /** How long a connection may take until it has sent the token, and until its link has both of its connections. */
  readonly greetingMs?: number;
}

const DEFAULT_GREETING_MS = 5_000;

/** The two connections of a link, by what their opener does on them. They come in any order. */
interface Halves {
  readonly link: PromiseWithResolvers<Link>;
  /** Until both have come. */
  readonly limit: NodeJS.Timeout;
  calls?: Http2Session;
  answers?: ClientHttp2Session;
}

/** Takes links at a server. A connection without the token is closed without an answer. */
export function acceptLinks(server: Server, options: AcceptLinksOptions): void {
  const { token, handlers, onLink, greetingMs = DEFAULT_GREETING_MS } = options;
  const all = new Map<string, Halves>();
  const begin = (id: string): Halves => {
    const limit = setTimeout(() => {
      for (const half of [halves.calls, halves.answers]) if (half !== undefined) endSession(half);
    }, greetingMs).unref();
    const halves: Halves = { link: Promise.withResolvers<Link>(), limit };
    all.set(id, halves);
    return halves;
  };
  const take = async (socket: Socket): Promise<void> => {
    socket.on('error', () => undefined);
    const greeting = await readGreeting(socket, token, greetingMs);
    const halves = greeting === undefined ? undefined : (all.get(greeting.id) ?? begin(greeting.id));
    if (greeting === undefined || halves === undefined || halves[greeting.direction] !== undefined) {
      socket.destroy();
      return;
    }
    socket.once('close', () => {
      clearTimeout(halves.limit);
      if (all.get(greeting.id) === halves) all.delete(greeting.id);
    });
    if (greeting.direction === 'calls') {
      const own = handlers(halves.link.promise);
      const call = async (name: string, body: unknown): Promise<unknown> =>
        name === HELLO ? void (await halves.link.promise) : own.call(name, body);
      halves.calls = handlingSession(socket, { ...own, call });
    } else halves.answers = openingSession(socket);
    const { calls, answers } = halves;
    if (calls === undefined || answers === undefined) return;
    clearTimeout(halves.limit);
    const link = linkOf(answers, calls);
    halves.link.resolve(link);
    onLink(link);
  };
  server.on('connection', socket => void take(socket));
}
