/**
 * Connections through libc's own calls, since an event loop would cost more than what is measured. The listener accepts
 * nothing while clients dial: the kernel completes the handshake, and no process of the pod needs a core meanwhile.
 *
 * @module
 */
import koffi from 'koffi';

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_LINGER = 13;
const BACKLOG = 8_192;

const library = koffi.load(null);
const libc = {
  socket: library.func('int socket(int domain, int type, int protocol)'),
  setsockopt: library.func('int setsockopt(int fd, int level, int name, const uint8_t *value, uint32_t length)'),
  connect: library.func('int connect(int fd, const uint8_t *address, uint32_t length)'),
  bind: library.func('int bind(int fd, const uint8_t *address, uint32_t length)'),
  listen: library.func('int listen(int fd, int backlog)'),
  accept: library.func('int accept(int fd, void *address, void *length)'),
  close: library.func('int close(int fd)'),
};

/** A listener whose connections wait in its queue until they are closed. */
export class Backlog {
  readonly #fd: number;

  constructor(port: number) {
    this.#fd = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    const one = Buffer.from([1, 0, 0, 0]);
    const address = socketAddress('0.0.0.0', port);
    libc.setsockopt(this.#fd, SOL_SOCKET, SO_REUSEADDR, one, one.length);
    if (libc.bind(this.#fd, address, address.length) < 0) throw failed('bind');
    if (libc.listen(this.#fd, BACKLOG) < 0) throw failed('listen');
  }

  drain(): number {
    for (let drained = 0; ; drained++) {
      const fd = Number(libc.accept(this.#fd, null, null));
      if (fd < 0) return drained;
      libc.close(fd);
    }
  }

  close(): void {
    libc.close(this.#fd);
  }
}

/** Microseconds of each `connect`. */
export function connectTimes(host: string, port: number, count: number): number[] {
  const address = socketAddress(host, port);
  // Reset instead of FIN: without TIME_WAIT, local ports do not run out.
  const linger = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const fd = Number(libc.socket(AF_INET, SOCK_STREAM, 0));
    libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, linger, linger.length);
    const started = performance.now();
    const result = Number(libc.connect(fd, address, address.length));
    const ended = performance.now();
    if (result < 0) {
      const error = failed(`connect to ${host}:${port}`);
      libc.close(fd);
      throw error;
    }
    libc.close(fd);
    times.push((ended - started) * 1_000);
  }
  return times;
}

/** struct sockaddr_in */
function socketAddress(host: string, port: number): Buffer {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  address.set(host.split('.').map(Number), 4);
  return address;
}

function failed(what: string): Error {
  const errno = koffi.errno();
  const name = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0];
  return new Error(`${what}: ${name ?? errno}`);
}
