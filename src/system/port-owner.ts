import { readdir, readFile, readlink } from 'node:fs/promises';
import { endianness } from 'node:os';
import { basename } from 'node:path';
import { escapeControls } from '../data/index.ts';
import { canonicalAddress, familyOf, type Protocol, type SocketAddress } from '../net/index.ts';

/** A port of this machine. */
export interface SystemPort extends SocketAddress {
  readonly protocol: Protocol;
}

/**
 * Finds the process that holds a port, by /proc (Linux only). Best effort: processes that this one may not inspect stay
 * unnamed. It caches what it reads, so create one for each apply(): with hundreds of busy ports, the table of processes
 * is then read once.
 */
export class PortOwners {
  readonly #tables = new Map<string, Promise<readonly Holder[]>>();
  #processes: Promise<ReadonlyMap<string, number>> | undefined;

  /** `80 is held by nginx (pid 7)`, or less if the process is not known. */
  async describe(port: SystemPort): Promise<string> {
    const pid = await this.#pidOf(port);
    if (pid === undefined) return `${port.port} is in use`;
    if (pid === process.pid) return `${port.port} is held by this process`;
    const name = await programOf(pid);
    return name === '' ? `${port.port} is held by pid ${pid}` : `${port.port} is held by ${name} (pid ${pid})`;
  }

  /**
   * The processes that connections to an address and port reach: a socket at the address comes before one at all
   * addresses. `pid` is undefined for a process that this one may not inspect.
   */
  async answerers(port: SystemPort): Promise<readonly Answerer[]> {
    if (process.platform !== 'linux') return [];
    const holders = await this.#holders(port.protocol === 'UDP' ? 'udp' : 'tcp');
    const all = holders.filter(holder => holder.port === port.port && overlaps(holder.address, port.address));
    const exact = all.filter(holder => holder.address === port.address);
    this.#processes ??= socketOwners();
    const processes = await this.#processes;
    return Promise.all(
      (exact.length > 0 ? exact : all).map(async ({ inode }) => {
        const pid = processes.get(inode);
        return pid === undefined ? { pid, program: '' } : { pid, program: await programOf(pid) };
      }),
    );
  }

  async #pidOf(port: SystemPort): Promise<number | undefined> {
    if (process.platform !== 'linux') return undefined;
    for (const holder of await this.#holders(port.protocol === 'UDP' ? 'udp' : 'tcp')) {
      if (holder.port !== port.port || !overlaps(holder.address, port.address)) continue;
      this.#processes ??= socketOwners();
      return (await this.#processes).get(holder.inode);
    }
    return undefined;
  }

  #holders(kind: 'tcp' | 'udp'): Promise<readonly Holder[]> {
    const known = this.#tables.get(kind);
    if (known !== undefined) return known;
    const table = Promise.all([read(`/proc/net/${kind}`), read(`/proc/net/${kind}6`)]).then(texts =>
      texts.flatMap(text => [...parseSocketTable(text, kind)]),
    );
    this.#tables.set(kind, table);
    return table;
  }
}

/** The name of the program's file; the name of a thread may be anything. */
async function programOf(pid: number): Promise<string> {
  const file = await readlink(`/proc/${pid}/exe`).catch(() => '');
  // Any user may choose the name of a file or process; this one prints it.
  return escapeControls(file === '' ? (await read(`/proc/${pid}/comm`)).trim() : basename(file));
}

export interface Answerer {
  readonly pid: number | undefined;
  /** The name of its program's file; empty if unknown. */
  readonly program: string;
}

interface Holder {
  readonly address: string;
  readonly port: number;
  readonly inode: string;
}

/** Parses /proc/net/{tcp,tcp6,udp,udp6}; of TCP only listening sockets, since connections do not keep a port busy. */
export function* parseSocketTable(text: string, kind: 'tcp' | 'udp'): Generator<Holder> {
  for (const line of text.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [hexAddress, hexPort] = (fields[1] ?? '').split(':');
    const inode = fields[9];
    if (hexAddress === undefined || hexPort === undefined || inode === undefined) continue;
    if (kind === 'tcp' && fields[3] !== LISTEN) continue;
    const address = parseHexAddress(hexAddress);
    if (address !== undefined) yield { address, port: Number.parseInt(hexPort, 16), inode };
  }
}

const LISTEN = '0A';

/** The kernel prints addresses as 32-bit words in the machine's own byte order. */
function parseHexAddress(hex: string): string | undefined {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    const ordered = hex.slice(word, word + 8).match(/../g) ?? [];
    if (endianness() === 'LE') ordered.reverse();
    for (const byte of ordered) bytes.push(Number.parseInt(byte, 16));
  }
  if (bytes.length === 4) return bytes.join('.');
  const words: string[] = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    words.push((((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0)).toString(16));
  }
  return canonicalAddress(words.join(':'));
}

/** Whether sockets at two addresses conflict; `::` usually includes IPv4. */
function overlaps(held: string, wanted: string): boolean {
  if (held === wanted || held === '::') return true;
  if (familyOf(held) !== familyOf(wanted)) return false;
  return held === '0.0.0.0' || wanted === '0.0.0.0' || wanted === '::';
}

/** Socket inode -> pid, of all processes that this one may inspect. */
async function socketOwners(): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  for (const entry of await list('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    for (const fd of await list(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(await link(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode !== undefined && !owners.has(inode)) owners.set(inode, pid);
    }
  }
  return owners;
}

// Processes come and go while this reads them, and some may not be inspected: the description then has less detail.

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}

async function list(path: string): Promise<string[]> {
  return readdir(path).catch(() => []);
}

async function link(path: string): Promise<string> {
  return readlink(path).catch(() => '');
}
