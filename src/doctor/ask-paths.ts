import { lookup } from 'node:dns/promises';
import { systemCodeOf } from '../errors.ts';
import { canonicalAddress, type SocketAddress } from '../kube/address.ts';
import { askServer, type HostsFile, type Reply, TIMEOUT_MS } from '../resolver-setup/index.ts';
import type { Outcome } from './examination.ts';

/** What a hosts file says: all lines with a name count, in their order (glibc with `multi on`, musl). */
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

/** Asks one server for each name in turn, A and AAAA at once as libc does, until one has an address. */
export async function askNames(
  place: SocketAddress,
  names: readonly string[],
  timeoutMs = TIMEOUT_MS,
): Promise<ServerAnswer> {
  let last: ServerAnswer = { outcome: { kind: 'nothing', why: 'not asked' } };
  for (const name of names) {
    const [v4, v6] = await Promise.all([
      askServer(place, name, { type: 'A', timeoutMs }),
      askServer(place, name, { type: 'AAAA', timeoutMs }),
    ]);
    last = merged(name, v4, v6);
    // What does not answer at all is not asked for more: programs would wait for each.
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

/** One name exists for all types or for none (RFC 8020), and both questions want an answer. */
function uneven(v4: Reply, v6: Reply): string | undefined {
  if (v4.kind === 'reply' && v6.kind === 'reply') {
    const [a, b] = [v4.rcode, v6.rcode];
    return a === b ? undefined : `A gets ${a}, AAAA gets ${b}`;
  }
  if (v4.kind === 'reply' && v6.kind === 'silent') return 'A is answered, AAAA is not';
  if (v6.kind === 'reply' && v4.kind === 'silent') return 'AAAA is answered, A is not';
  return undefined;
}

/** What programs get: getaddrinfo of this process, which every server's time-outs may hold up. */
export async function askSystem(name: string, patienceMs: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>(resolve => {
    timer = setTimeout(() => resolve({ kind: 'silent', ms: patienceMs }), patienceMs);
  });
  try {
    return await Promise.race([looked(name), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function looked(name: string): Promise<Outcome> {
  try {
    const found = await lookup(name, { all: true });
    return { kind: 'found', name, addresses: found.map(({ address }) => canonicalAddress(address) ?? address) };
  } catch (error) {
    return { kind: 'nothing', why: systemCodeOf(error) ?? 'no answer' };
  }
}
