/**
 * UDP sockets that libc opens, for options that Node does not offer and for batches of datagrams (`DatagramBatch`).
 *
 * @module
 */
import { endianness } from 'node:os';
import ipaddr from 'ipaddr.js';
import type { SocketAddress } from '../net/index.ts';
import { errno, libc, systemError } from './libc.ts';

/** linux/socket.h, asm-generic/socket.h */
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_DGRAM_CLOEXEC_NONBLOCK = 2 | 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_REUSEPORT = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

/** Sizes of struct sockaddr_in and sockaddr_in6. */
const IPV4_NAME = 16;
const IPV6_NAME = 28;

export interface DatagramSocketOptions {
  /** Other sockets of this user may bind the same address and port if they are shared, too; the kernel spreads clients over them. */
  readonly shared: boolean;
}

/** Whether the structures of this system are those above. */
export function canOpenDatagramSockets(): boolean {
  return process.platform === 'linux' && endianness() === 'LE';
}

/**
 * Opens a bound UDP socket, for `bind({ fd })` of node:dgram. `::` takes IPv6 only.
 *
 * @param address canonical
 * @throws an Error with the system's `code`
 */
export function openDatagramSocket(address: string, port: number, { shared }: DatagramSocketOptions): number {
  return open({ address, port }, shared ? SO_REUSEPORT : undefined);
}

/**
 * Opens a bound UDP socket at one address, beside a socket that holds the same port at all addresses.
 *
 * Both need SO_REUSEADDR while the second is bound. The option is set for that moment only: with it, any other program
 * could bind the port, too.
 *
 * @param wildcard the file descriptor of the other socket
 * @throws an Error with the system's `code`
 */
export function openBesideWildcard(wildcard: number, at: SocketAddress, { shared }: DatagramSocketOptions): number {
  if (shared) return open(at, SO_REUSEPORT);
  setFlag(wildcard, SOL_SOCKET, SO_REUSEADDR, true);
  try {
    const fd = open(at, SO_REUSEADDR);
    setFlag(fd, SOL_SOCKET, SO_REUSEADDR, false);
    return fd;
  } finally {
    setFlag(wildcard, SOL_SOCKET, SO_REUSEADDR, false);
  }
}

function open({ address, port }: SocketAddress, reuse: number | undefined): number {
  const { socket, bind, close } = libc();
  const v6 = address.includes(':');
  const fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM_CLOEXEC_NONBLOCK, 0);
  if (fd < 0) throw systemError('socket', errno());
  if (v6) setFlag(fd, IPPROTO_IPV6, IPV6_V6ONLY, true);
  if (reuse !== undefined) setFlag(fd, SOL_SOCKET, reuse, true);
  const name = Buffer.alloc(v6 ? IPV6_NAME : IPV4_NAME);
  name.writeUInt16LE(v6 ? AF_INET6 : AF_INET, 0);
  name.writeUInt16BE(port, 2);
  name.set(ipaddr.parse(address).toByteArray(), v6 ? 8 : 4);
  if (bind(fd, name, name.length) < 0) {
    const failure = systemError('bind', errno());
    close(fd);
    throw failure;
  }
  return fd;
}

function setFlag(fd: number, level: number, option: number, on: boolean): void {
  const value = Buffer.alloc(4);
  value.writeInt32LE(on ? 1 : 0);
  libc().setsockopt(fd, level, option, value, value.length);
}
