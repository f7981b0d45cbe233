/**
 * Functions of libc that Node does not offer, called by FFI on Linux. The process has already loaded libc, whatever the
 * name of its file on this system.
 *
 * @module
 */
import koffi from 'koffi';

export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  setsockopt(fd: number, level: number, name: number, value: Buffer, length: number): number;
  bind(fd: number, address: Buffer, length: number): number;
  close(fd: number): number;
  send(fd: number, bytes: Buffer, length: number, flags: number): number;
  recv(fd: number, bytes: Buffer, length: number, flags: number): number;
  sendto(fd: number, bytes: Buffer, length: number, flags: number, to: Buffer, toLength: number): number;
  recvmmsg(fd: number, headers: bigint, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, headers: bigint, count: number, flags: number): number;
  memmove(to: Buffer, from: Buffer, length: number): bigint;
  getxattr(path: string, name: string, value: Buffer | null, size: number): number;
  setxattr(path: string, name: string, value: Buffer, size: number, flags: number): number;
  listxattr(path: string, list: Buffer | null, size: number): number;
  mount(source: string, target: string, type: string | null, flags: number, data: string | null): number;
  umount2(target: string, flags: number): number;
  /** `send` on another thread, for calls that take long. */
  sendAsync(fd: number, bytes: Buffer, length: number, flags: number): Promise<number>;
}

let loaded: Libc | undefined;

/** libc's functions. A function that fails returns -1, and `errno` has the reason until the next call. */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

/** The error number of this thread's last call that failed. */
export function errno(): number {
  return koffi.errno();
}

/** `ENOENT` */
export function errnoName(number: number): string {
  return Object.entries(koffi.os.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;
}

/** An error for a call that failed, with the system's `code` as Node's own errors have it. */
export function systemError(call: string, number: number): Error {
  const code = errnoName(number);
  return Object.assign(new Error(`${call}: ${code}`), { code });
}

function load(): Libc {
  const library = koffi.load(null);
  const send = library.func('intptr_t send(int fd, const void *bytes, size_t length, int flags)');
  return {
    socket: library.func('int socket(int domain, int type, int protocol)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int name, const void *value, uint32_t length)'),
    bind: library.func('int bind(int fd, const void *address, uint32_t length)'),
    close: library.func('int close(int fd)'),
    send,
    recv: library.func('intptr_t recv(int fd, void *bytes, size_t length, int flags)'),
    sendto: library.func(
      'intptr_t sendto(int fd, const void *bytes, size_t length, int flags, const void *to, uint32_t toLength)',
    ),
    recvmmsg: library.func('int recvmmsg(int fd, void *headers, uint32_t count, int flags, void *timeout)'),
    sendmmsg: library.func('int sendmmsg(int fd, void *headers, uint32_t count, int flags)'),
    memmove: library.func('void *memmove(void *to, const void *from, size_t length)'),
    getxattr: library.func('intptr_t getxattr(const char *path, const char *name, void *value, size_t size)'),
    setxattr: library.func(
      'int setxattr(const char *path, const char *name, const void *value, size_t size, int flags)',
    ),
    listxattr: library.func('intptr_t listxattr(const char *path, void *list, size_t size)'),
    mount: library.func(
      'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
    ),
    umount2: library.func('int umount2(const char *target, int flags)'),
    sendAsync: (fd, bytes, length, flags) =>
      new Promise((resolve, reject) => {
        send.async(fd, bytes, length, flags, (error: unknown, result: unknown) => {
          if (error === null || error === undefined) resolve(Number(result));
          else reject(error);
        });
      }),
  };
}
