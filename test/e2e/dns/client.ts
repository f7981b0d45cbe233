import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { type Answer, type DecodedPacket, decode } from 'dns-packet';

const DEADLINE_MS = 10_000;

export interface Place {
  readonly address: string;
  readonly port: number;
}

export interface Asking {
  readonly type?: number;
  readonly class?: number;
  readonly id?: number;
  /** The flags of the header. Default: RD. */
  readonly flags?: number;
  /** undefined sends no OPT record. */
  readonly edns?: {
    readonly payload?: number;
    readonly version?: number;
    readonly dnssecOk?: boolean;
    readonly options?: Buffer;
  };
}

export const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DS: 43,
  SVCB: 64,
  HTTPS: 65,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  CAA: 257,
};

/** The wire form of a name; `\.` is a dot within a label. */
export function wireName(name: string): Buffer {
  const labels = name
    .replace(/\.$/, '')
    .split(/(?<!\\)\./)
    .filter(label => label !== '');
  const parts = labels.map(label => Buffer.from(label.replaceAll('\\.', '.'), 'latin1'));
  return Buffer.concat([...parts.flatMap(part => [Buffer.of(part.length), part]), Buffer.of(0)]);
}

export function query(name: string, asking: Asking = {}): Buffer {
  const { type = 1, class: klass = 1, id = 0x1234, flags = 0x0100, edns } = asking;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(edns === undefined ? 0 : 1, 10);
  const tail = Buffer.alloc(4);
  tail.writeUInt16BE(type, 0);
  tail.writeUInt16BE(klass, 2);
  return Buffer.concat([header, wireName(name), tail, edns === undefined ? Buffer.alloc(0) : opt(edns)]);
}

function opt({
  payload = 1232,
  version = 0,
  dnssecOk = false,
  options = Buffer.alloc(0),
}: NonNullable<Asking['edns']>) {
  const record = Buffer.alloc(11);
  record.writeUInt16BE(41, 1);
  record.writeUInt16BE(payload, 3);
  record.writeUInt8(version, 6);
  record.writeUInt16BE(dnssecOk ? 0x8000 : 0, 7);
  record.writeUInt16BE(options.length, 9);
  return Buffer.concat([record, options]);
}

/** A UDP socket for many queries; each waits for the response with its id. */
export class UdpClient {
  readonly #socket;
  readonly #place: Place;
  readonly #waiting = new Map<number, (answer: Buffer) => void>();
  #id = 1;

  constructor(place: Place) {
    this.#place = place;
    this.#socket = createSocket(place.address.includes(':') ? 'udp6' : 'udp4');
    this.#socket.on('message', answer => this.#waiting.get(answer.length < 2 ? -1 : answer.readUInt16BE(0))?.(answer));
  }

  /** Sends any bytes. */
  send(message: Buffer): void {
    this.#socket.send(message, this.#place.port, this.#place.address);
  }

  /** @throws if there is no response in time */
  ask(message: Buffer): Promise<Buffer> {
    const id = this.#id++ & 0xffff;
    const own = Buffer.from(message);
    own.writeUInt16BE(id, 0);
    const answer = within(new Promise<Buffer>(done => this.#waiting.set(id, done)), 'an answer over UDP');
    this.send(own);
    return answer.finally(() => this.#waiting.delete(id));
  }

  close(): void {
    this.#socket.close();
  }
}

/** A TCP connection; returns responses in the order of their arrival. */
export class TcpClient {
  readonly #socket;
  #bytes = Buffer.alloc(0);
  readonly #answers: Buffer[] = [];
  #wake: () => void = () => undefined;
  readonly closed: Promise<void>;
  ended = false;

  constructor(place: Place) {
    this.#socket = connect({ host: place.address, port: place.port, allowHalfOpen: true });
    this.#socket.on('data', piece => this.#take(piece));
    this.#socket.on('error', () => undefined);
    this.closed = new Promise(done => {
      const end = (): void => {
        this.ended = true;
        this.#wake();
        done();
      };
      this.#socket.once('end', end);
      this.#socket.once('close', end);
    });
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  finish(): void {
    this.#socket.end();
  }

  async ask(message: Buffer): Promise<Buffer> {
    this.write(framed(message));
    return this.next();
  }

  next(): Promise<Buffer> {
    return within(this.#next(), 'an answer over TCP');
  }

  async #next(): Promise<Buffer> {
    for (;;) {
      const answer = this.#answers.shift();
      if (answer !== undefined) return answer;
      if (this.ended) throw new Error('the connection was closed');
      await new Promise<void>(done => {
        this.#wake = done;
      });
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, piece]);
    let at = 0;
    while (this.#bytes.length - at >= 2) {
      const end = at + 2 + this.#bytes.readUInt16BE(at);
      if (this.#bytes.length < end) break;
      this.#answers.push(this.#bytes.subarray(at + 2, end));
      at = end;
    }
    this.#bytes = this.#bytes.subarray(at);
    this.#wake();
  }
}

export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

const RCODES = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED'];

/** A response in a form for comparison. */
export interface Heard {
  readonly rcode: string;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly ra: boolean;
  /** `NAME A 10.0.0.1`, unsorted. */
  readonly answers: readonly string[];
  readonly authorities: readonly string[];
  readonly additionals: readonly string[];
  readonly packet: DecodedPacket;
}

export function hear(bytes: Buffer): Heard {
  const packet = decode(bytes);
  const code = bytes.readUInt16BE(2) & 0xf;
  const texts = (records: readonly Answer[] | undefined) =>
    (records ?? []).filter(r => r.type !== 'OPT').map(recordText);
  return {
    rcode: RCODES[code] ?? String(code),
    aa: packet.flag_aa,
    tc: packet.flag_tc,
    ra: packet.flag_ra,
    answers: texts(packet.answers),
    authorities: texts(packet.authorities),
    additionals: texts(packet.additionals),
    packet,
  };
}

/** `NAME TYPE DATA`, the name in lower case. */
export function recordText(record: Answer): string {
  const data = () => {
    switch (record.type) {
      case 'SRV':
        return `${record.data.priority ?? 0} ${record.data.weight ?? 0} ${record.data.port} ${record.data.target}`;
      case 'SOA':
        return `${record.data.mname} ${record.data.rname}`;
      case 'HINFO':
        return `${record.data.cpu}|${record.data.os}`;
      case 'TXT':
        return Array.isArray(record.data) ? record.data.join('|') : String(record.data);
      default:
        return 'data' in record && typeof record.data === 'string' ? record.data : '?';
    }
  };
  return `${record.name.toLowerCase()} ${record.type} ${data()}`;
}

async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what} did not come`)), DEADLINE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
