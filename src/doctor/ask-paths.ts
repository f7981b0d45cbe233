import { lookup } from 'node:dns/promises';
import { systemCodeOf } from '../errors.ts';
import { canonicalAddress, type SocketAddress } from '../net/index.ts';
import { askServer, type HostsFile, type Reply, TIMEOUT_MS } from '../resolver-setup/index.ts';
import type { Outcome } from './examination.ts';

/** Looks names up in the hosts file: all lines with the name, in order (as glibc with `multi on`, and musl). */
export function askHosts(names: readonly string[], hosts: HostsFile): Outcome {
  const lines = [...hosts.others, ...hosts.blocks.flatMap(block => block.lines)];
  for (const name of names) {
    const addresses = lines.filter(line => line.names.includes(name)).map(({ address }) => address);
    if (addresses.length > 0) return { kind: 'found', name, addresses: [...new Set(addresses)] };
  }
  return { kind: 'nothing', why: 'no line' };
}

export interface ServerAnswer {
  readonly outcome: Outcome;
  readonly uneven?: string;
}

/** Asks one server for each name in turn until one has an address; A and AAAA at once, as libc does. */
export async function askNames(
  place: SocketAddress,
  names: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<ServerAnswer> {
  let last: ServerAnswer = { outcome: { kind: 'nothing', why: 'not queried' } };
  for (const name of names) {
    const [v4, v6] = await Promise.all([
      askServer(place, name, { type: 'A', timeoutMs }),
      askServer(place, name, { type: 'AAAA', timeoutMs }),
    ]);
    last = merged(name, v4, v6);
    // A server that does not answer is not asked for the other names.
    if (last.outcome.kind !== 'nothing') return last;
  }
  return last;
}

function merged(name: string, v4: Reply, v6: Reply): ServerAnswer {
  const addresses = [v4, v6].flatMap(reply => (reply.kind === 'reply' ? reply.data : []));
  const differs = uneven(v4, v6);
  const noted = differs === undefined ? {} : { uneven: `${name}: ${differs}` };
  if (addresses.length > 0) return { outcome: { kind: 'found', name, addresses }, ...noted };
  const reply = v4.kind === 'reply' ? v4 : v6;
  switch (reply.kind) {
    case 'reply':
      return { outcome: { kind: 'nothing', why: reply.rcode === 'NOERROR' ? 'no address' : reply.rcode }, ...noted };
    default:
      return { outcome: reply };
  }
}

/** A name exists for all types or for none (RFC 8020), and both queries need a reply. */
function uneven(v4: Reply, v6: Reply): string | undefined {
  if (v4.kind === 'reply' && v6.kind === 'reply') {
    const [a, b] = [v4.rcode, v6.rcode];
    return a === b ? undefined : `A gets ${a}, AAAA gets ${b}`;
  }
  if (v4.kind === 'reply' && v6.kind === 'silent') return 'A gets a reply, AAAA does not';
  if (v6.kind === 'reply' && v4.kind === 'silent') return 'AAAA gets a reply, A does not';
  return undefined;
}

/** The result that programs get: getaddrinfo of this process, bounded because every server's timeout delays it. */
export async function askSystem(name: string, timeoutMs: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>(done => {
    timer = setTimeout(() => done({ kind: 'silent', ms: timeoutMs }), timeoutMs);
  });
  try {
    return await Promise.race([resolve(name), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function resolve(name: string): Promise<Outcome> {
  try {
    const found = await lookup(name, { all: true });
    return { kind: 'found', name, addresses: found.map(({ address }) => canonicalAddress(address) ?? address) };
  } catch (error) {
    return { kind: 'nothing', why: systemCodeOf(error) ?? 'no answer' };
  }
}
