import type { ClientHttp2Session, Http2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { readGreeting } from './greeting.ts';
import type { Link, LinkHandlers } from './link.ts';
import { HELLO, linkOf } from './open.ts';
import { handlingSession, openingSession } from './session.ts';

export interface AcceptLinksOptions {
  readonly token: string;
  /** What this side does for the other one; it may use the link itself. */
  readonly handlers: (link: Promise<Link>) => LinkHandlers;
  readonly onLink: (link: Link) => void;
}

/** The two connections of a link come in any order. */
interface Halves {
  readonly link: PromiseWithResolvers<Link>;
  handling?: Http2Session;
  opening?: ClientHttp2Session;
}

/** Takes links at a server. A connection without the token is closed without an answer. */
export function acceptLinks(server: Server, { token, handlers, onLink }: AcceptLinksOptions): void {
  const all = new Map<string, Halves>();
  const take = async (socket: Socket): Promise<void> => {
    socket.on('error', () => undefined);
    const greeting = await readGreeting(socket, token);
    if (greeting === undefined) {
      socket.destroy();
      return;
    }
    const { direction, id } = greeting;
    const halves: Halves = all.get(id) ?? { link: Promise.withResolvers<Link>() };
    all.set(id, halves);
    socket.once('close', () => all.delete(id));
    if (direction === 'calls') {
      const own = handlers(halves.link.promise);
      const call = async (name: string, body: unknown): Promise<unknown> =>
        name === HELLO ? void (await halves.link.promise) : own.call(name, body);
      halves.handling = handlingSession(socket, { ...own, call });
    } else halves.opening = openingSession(socket);
    const { handling, opening } = halves;
    if (handling === undefined || opening === undefined) return;
    const link = linkOf(opening, handling);
    halves.link.resolve(link);
    onLink(link);
  };
  server.on('connection', socket => void take(socket));
}
