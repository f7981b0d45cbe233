/**
 * A machine on which names are looked up: files in a tree, real DNS servers on loopback, and what programs get.
 *
 * @module
 */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode, type Packet } from 'dns-packet';
import {
  type Diagnosis,
  diagnose,
  type ExamineOptions,
  examine,
  findingsOf,
  type Outcome,
} from '../../src/doctor/index.ts';
import { systemTree } from './tree.ts';

/** Name -> address; no other names exist. */
export type Answers = Readonly<Record<string, string>>;

const open: Socket[] = [];

/** Closes the servers of all scenes so far. */
export function closeServers(): void {
  for (const socket of open.splice(0)) socket.close();
}

/** A server at a port of its own, or at the port of another server: addresses distinguish them, as in resolv.conf. */
async function server(address: string, answer: (name: string, type: string) => string | undefined, port = 0) {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.on('message', (message, from) => {
    const query = decode(message);
    const [question] = query.questions ?? [];
    if (question === undefined) return;
    const said = answer(question.name, question.type);
    if (said === undefined) return;
    socket.send(encode(reply(query, said)), from.port, from.address);
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return { address, port: socket.address().port };
}

/** `NXDOMAIN`, `NODATA`, `SOA`, or an address; only Switchboard's server is authoritative. */
function reply(query: Packet, said: string): Packet {
  const name = query.questions?.[0]?.name ?? '';
  const zone = 'cluster.local';
  const soa = {
    ...{ type: 'SOA' as const, name: zone, class: 'IN' as const, ttl: 5 },
    data: {
      mname: `ns.dns.${zone}`,
      rname: `hostmaster.${zone}`,
      serial: 1,
      refresh: 1,
      retry: 1,
      expire: 1,
      minimum: 1,
    },
  };
  const common = {
    type: 'response' as const,
    ...(query.id === undefined ? {} : { id: query.id }),
    questions: query.questions ?? [],
  };
  if (said === 'NXDOMAIN') return { ...common, flags: 0x8183 };
  if (said === 'NODATA') return { ...common, flags: 0x8180 };
  if (said === 'SOA') return { ...common, flags: 0x8580, answers: [soa] };
  const type = said.includes(':') ? 'AAAA' : 'A';
  return { ...common, flags: 0x8580, answers: [{ type, name, class: 'IN', ttl: 5, data: said }] };
}

export const table = (answers: Answers) => (name: string, type: string) => {
  const found = answers[name.toLowerCase()];
  if (found === undefined) return 'NXDOMAIN';
  return type === (found.includes(':') ? 'AAAA' : 'A') ? found : 'NODATA';
};
const ours = (answers: Answers) => (name: string, type: string) =>
  type === 'SOA' && name === 'cluster.local' ? 'SOA' : table(answers)(name, type);

export interface Scene {
  readonly files?: Readonly<Record<string, string>>;
  readonly own?: Answers;
  /** Servers in resolv.conf, by address. */
  readonly servers?: Readonly<Record<string, (name: string, type: string) => string | undefined>>;
  readonly system?: Answers;
  readonly expected?: readonly string[];
}

/** Diagnoses a name on such a system. */
export async function look(
  name: string,
  { files = {}, own, servers = {}, system = {}, expected }: Scene,
): Promise<Diagnosis> {
  const place = own === undefined ? undefined : await server('127.0.0.1', ours(own));
  let port = 0;
  for (const [address, answer] of Object.entries(servers)) port = (await server(address, answer, port)).port;
  await using tree = await systemTree({ 'etc/hosts': '127.0.0.1 localhost\n', ...files });
  const options: ExamineOptions = {
    ...{ domain: 'cluster.local', namespace: 'default', places: place === undefined ? [] : [place] },
    expected: () => expected,
    root: tree.root,
    timeoutMs: 200,
    ...(port === 0 ? {} : { port }),
    system: async (asked): Promise<Outcome> => {
      const address = system[asked.toLowerCase()];
      return address === undefined
        ? { kind: 'nothing', why: 'ENOTFOUND' }
        : { kind: 'found', name: asked, addresses: [address] };
    },
  };
  const [seen] = await examine([name], options);
  if (seen === undefined) throw new Error('there was no result');
  return diagnose(seen, findingsOf(seen));
}
