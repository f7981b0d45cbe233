import { randomBytes } from 'node:crypto';
import type { ClientHttp2Session, Http2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import { type Greeting, greetingLine } from './greeting.ts';
import type { Link, LinkHandlers } from './link.ts';
import { call, endSession, handlingSession, openingSession, openTcp, openUdp } from './session.ts';

export interface OpenLinkOptions {
  /** Connects to the place at which the other side listens. */
  readonly dial: () => Promise<Duplex>;
  /** What both sides know and nobody else. */
  readonly token: string;
  readonly handlers: LinkHandlers;
  /** How often to ask whether the other side is there. A link without an answer until the next time is lost. */
  readonly pingMs?: number;
}

/**
 * Opens a link.
 *
 * @throws SWB_GATEWAY if the other side does not answer; the error of `dial`
 */
export async function openLink({ dial, token, handlers, pingMs }: OpenLinkOptions): Promise<Link> {
  const id = randomBytes(16).toString('hex');
  const greet = async (direction: Greeting['direction']): Promise<Duplex> => {
    const connection = await dial();
    connection.on('error', () => undefined);
    connection.write(greetingLine({ direction, token, id }));
    return connection;
  };
  const opening = openingSession(await greet('calls'));
  const answers = greet('answers');
  answers.catch(() => endSession(opening));
  const handling = handlingSession(await answers, handlers);
  const link = linkOf(opening, handling, pingMs);
  try {
    // The other side answers once it has both.
    await call(opening, HELLO, null);
    return link;
  } catch (error) {
    link.close();
    throw error;
  }
}

/** A call that every side answers by itself. */
export const HELLO = 'hello';

const DEFAULT_PING_MS = 5_000;

/** A link of two sessions; it is lost with either. */
export function linkOf(opening: ClientHttp2Session, handling: Http2Session, pingMs: number = DEFAULT_PING_MS): Link {
  const close = (): void => {
    endSession(opening);
    endSession(handling);
  };
  const closed = new Promise<void>(resolve => {
    for (const session of [opening, handling]) {
      session.once('close', () => {
        close();
        resolve();
      });
    }
  });
  watch(opening, { pingMs, closed, close });
  return {
    call: (name, body) => call(opening, name, body),
    connectTcp: to => openTcp(opening, to),
    connectUdp: to => openUdp(opening, to),
    closed,
    close,
  };
}

/** Closes a link whose other side says nothing any more, such as one in a machine that was stopped. */
function watch(
  session: ClientHttp2Session,
  { pingMs, closed, close }: { readonly pingMs: number } & Pick<Link, 'closed' | 'close'>,
): void {
  let waiting = false;
  const timer = setInterval(() => {
    if (waiting) return close();
    waiting = true;
    if (session.destroyed) return;
    session.ping(() => {
      waiting = false;
    });
  }, pingMs).unref();
  void closed.then(() => clearInterval(timer));
}
