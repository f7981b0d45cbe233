/** Dials in sequence or concurrently, and reports how each dial ended. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type DialAnswer, type DialOrder, parseEcho } from './messages.ts';

const AT_ONCE = 16;

type Flow = { readonly tcp: Socket } | { readonly udp: UdpSocket };

const flows = new Map<string, Flow>();

/** Results in the order of the dials. */
export async function dialAll(dials: readonly DialOrder[]): Promise<DialAnswer[]> {
  const answers: DialAnswer[] = [];
  const turns = dials.entries();
  const worker = async (): Promise<void> => {
    for (const [index, dial] of turns) answers[index] = await dialOne(dial);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, dials.length) }, worker));
  return answers;
}

export function forgetFlows(): void {
  for (const flow of flows.values()) {
    if ('tcp' in flow) flow.tcp.destroy();
    else flow.udp.close();
  }
  flows.clear();
}

async function dialOne(dial: DialOrder): Promise<DialAnswer> {
  try {
    return await (dial.protocol === 'TCP' ? dialTcp(dial) : dialUdp(dial));
  } catch (error) {
    return outcomeOf(error);
  }
}

async function dialTcp(dial: DialOrder): Promise<DialAnswer> {
  const kept = dial.flow === undefined ? undefined : flows.get(dial.flow);
  const signal = AbortSignal.timeout(dial.timeoutMs);
  const socket = kept !== undefined && 'tcp' in kept ? kept.tcp : open(dial);
  let isKept = kept !== undefined;
  try {
    if (kept === undefined) await once(socket, 'connect', { signal });
    if (kept === undefined && dial.flow !== undefined) {
      flows.set(dial.flow, { tcp: socket });
      isKept = true;
    }
    socket.write('?\n');
    // A peer that closes without data must not look like silence.
    const ended = once(socket, 'end', { signal }).then(() => {
      throw Object.assign(new Error('ended without an answer'), { code: 'ENDED' });
    });
    const [chunk] = await Promise.race([once(socket, 'data', { signal }), ended]);
    ended.catch(() => {});
    return parseEcho(String(chunk)) ?? { kind: 'failed', code: 'NO_ECHO' };
  } finally {
    if (!isKept) socket.destroy();
  }
}

function open(dial: DialOrder): Socket {
  const socket = connect({
    host: dial.to,
    port: dial.port,
    noDelay: true,
    ...(dial.source === undefined ? {} : { localAddress: dial.source }),
    ...(dial.sourcePort === undefined ? {} : { localPort: dial.sourcePort }),
  });
  // An error is reported to the pending dial; later ones do not matter.
  socket.on('error', () => {});
  return socket;
}

async function dialUdp(dial: DialOrder): Promise<DialAnswer> {
  const kept = dial.flow === undefined ? undefined : flows.get(dial.flow);
  const signal = AbortSignal.timeout(dial.timeoutMs);
  const socket = kept !== undefined && 'udp' in kept ? kept.udp : await openUdp(dial);
  if (dial.flow !== undefined) flows.set(dial.flow, { udp: socket });
  try {
    // Connected, since the system reports ICMP errors only to connected sockets.
    const answer = once(socket, 'message', { signal });
    socket.send('?');
    const [message] = await answer;
    return parseEcho(String(message)) ?? { kind: 'failed', code: 'NO_ECHO' };
  } finally {
    if (dial.flow === undefined) socket.close();
  }
}

async function openUdp(dial: DialOrder): Promise<UdpSocket> {
  const socket = createSocket({ type: dial.to.includes(':') ? 'udp6' : 'udp4' });
  socket.on('error', () => {});
  socket.bind({ port: dial.sourcePort ?? 0, ...(dial.source === undefined ? {} : { address: dial.source }) });
  await once(socket, 'listening');
  socket.connect(dial.port, dial.to);
  await once(socket, 'connect');
  return socket;
}

function outcomeOf(error: unknown): DialAnswer {
  if (!(error instanceof Error)) return { kind: 'failed', code: String(error) };
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return { kind: 'timeout' };
  const code = 'code' in error ? String(error.code) : error.message;
  if (code === 'ECONNREFUSED') return { kind: 'refused' };
  return code === 'ETIMEDOUT' ? { kind: 'timeout' } : { kind: 'failed', code };
}
