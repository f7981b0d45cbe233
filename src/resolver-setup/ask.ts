import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { type Answer, decode, encode, type RecordType } from 'dns-packet';
import { messageOf, systemCodeOf } from '../errors.ts';
import type { SocketAddress } from '../kube/address.ts';
import { hostPort } from '../kube/address.ts';
import type { ResolverFacts } from './facts.ts';

/** What one server says to one question. */
export type Reply =
  | {
      readonly kind: 'reply';
      /** `NOERROR`, `NXDOMAIN`, `REFUSED` ... */
      readonly rcode: string;
      /** It answers for the zone itself, and has not asked others. */
      readonly authoritative: boolean;
      /** Of the asked type, behind any CNAMEs; addresses as text. */
      readonly data: readonly string[];
      /** Whose SOA comes with it. */
      readonly zone: string | undefined;
    }
  | { readonly kind: 'silent'; readonly ms: number }
  /** Nobody listens there, or it cannot be reached. */
  | { readonly kind: 'failed'; readonly why: string };

export interface Asking {
  readonly type: 'A' | 'AAAA' | 'SOA';
  readonly timeoutMs?: number;
}

export const TIMEOUT_MS = 1500;

/** One question over UDP, asked once more at half time since a datagram may be lost. */
export function askServer(
  place: SocketAddress,
  name: string,
  { type, timeoutMs = TIMEOUT_MS }: Asking,
): Promise<Reply> {
  const id = randomInt(0x1_0000);
  const query = encode({ type: 'query', id, flags: 0x0100, questions: [{ type, class: 'IN', name }] });
  return new Promise(resolve => {
    // The zone of a link-local address is not ours to judge.
    const socket = createSocket(place.address.includes(':') ? 'udp6' : 'udp4');
    let done = false;
    const finish = (reply: Reply): void => {
      if (done) return;
      done = true;
      clearTimeout(again);
      clearTimeout(end);
      socket.close();
      resolve(reply);
    };
    const failed = (error: Error): void => finish({ kind: 'failed', why: whyOf(error, place) });
    const send = (): void =>
      socket.send(query, error => {
        if (error !== null) failed(error);
      });
    const again = setTimeout(send, timeoutMs / 2);
    const end = setTimeout(() => finish({ kind: 'silent', ms: timeoutMs }), timeoutMs);
    socket.on('error', failed);
    socket.on('message', message => {
      const reply = read(message, { id, type, name });
      if (reply !== undefined) finish(reply);
    });
    socket.on('connect', send);
    socket.connect(place.port, place.address);
  });
}

function whyOf(error: Error, { address, port }: SocketAddress): string {
  if (systemCodeOf(error) === 'ECONNREFUSED') return `nobody listens at ${hostPort(address, port)}`;
  return messageOf(error);
}

interface Question {
  readonly id: number;
  readonly type: RecordType;
  readonly name: string;
}

/** undefined: it answers something else, or nothing that can be read. */
function read(message: Buffer, question: Question): Reply | undefined {
  try {
    const packet = decode(message);
    const [asked] = packet.questions ?? [];
    if (packet.id !== question.id || packet.type !== 'response') return undefined;
    if (asked !== undefined && asked.name.toLowerCase() !== question.name.replace(/\.$/, '').toLowerCase()) {
      return undefined;
    }
    const records = [...(packet.answers ?? []), ...(packet.authorities ?? [])];
    return {
      kind: 'reply',
      rcode: RCODES[message.readUInt16BE(2) & 0xf] ?? `code ${message.readUInt16BE(2) & 0xf}`,
      authoritative: packet.flag_aa,
      data: (packet.answers ?? []).filter(record => record.type === question.type).map(dataText),
      zone: records.find(record => record.type === 'SOA')?.name.toLowerCase(),
    };
  } catch {
    return undefined;
  }
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

function dataText(record: Answer): string {
  return 'data' in record && typeof record.data === 'string' ? record.data : record.type;
}

/** Whether a server answers for a domain as its owner. */
export async function answersFor(place: SocketAddress, domain: string, timeoutMs = TIMEOUT_MS): Promise<boolean> {
  const reply = await askServer(place, domain, { type: 'SOA', timeoutMs });
  return reply.kind === 'reply' && reply.authoritative && reply.zone === domain.toLowerCase();
}

/**
 * Whether what decides about names on a system leads questions for a domain to its server; undefined where it cannot be
 * asked by DNS (macOS, Windows).
 */
export async function systemLeadsTo(domain: string, facts: ResolverFacts): Promise<boolean | undefined> {
  if (facts.platform === 'darwin' || facts.platform === 'win32') return undefined;
  const [server] = facts.resolvConf?.conf.servers ?? [];
  const asksStub = facts.systemd.resolvedRuns && facts.sources.some(({ name }) => name === 'resolve');
  const address = asksStub ? '127.0.0.53' : server;
  if (address === undefined) return undefined;
  const reply = await askServer({ address, port: 53 }, domain, { type: 'SOA' });
  return reply.kind === 'reply' && reply.rcode === 'NOERROR' && reply.data.length > 0 && reply.zone === domain;
}

/** Where `switchboard up` and `switchboard dns` answer unless they are told otherwise. */
export const USUAL_PLACES: readonly SocketAddress[] = [53, 1053, 1054, 1055, 1056, 1057, 1058, 1059].map(port => ({
  address: '127.0.0.1',
  port,
}));

/** Which of the places have a server of the domain, in their order. */
export async function serversOf(
  domain: string,
  places: readonly SocketAddress[] = USUAL_PLACES,
): Promise<SocketAddress[]> {
  const answers = await Promise.all(places.map(place => answersFor(place, domain, LOCAL_TIMEOUT_MS)));
  return places.filter((_, index) => answers[index] === true);
}

/** Loopback answers within a millisecond, a busy server within some hundred. */
const LOCAL_TIMEOUT_MS = 800;
