/** Shared by the tests of the userspace plane: builds routes, and starts real servers and clients on loopback. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Listener, Plane } from '../../src/planes/plane.ts';
import { createUserspacePlane, type PlaneEvent, type UserspaceOptions } from '../../src/planes/userspace/index.ts';
import type { Frontend, ProxiedRoute, RouteEndpoint } from '../../src/routing/index.ts';
import { endpointOf, routeOf } from '../../testing/route-of.ts';

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface RouteWish extends Partial<Omit<ProxiedRoute, 'endpoints'>> {
  readonly endpoints?: readonly Endpoint[];
}

/** A route of Service default/web with one port, with the overrides in `wish`. Without endpoints it rejects. */
export function route(wish: RouteWish = {}): ProxiedRoute {
  const { portName = '', port = 8080 } = wish;
  const endpoints = (wish.endpoints ?? []).map(endpoint);
  const frontends = [{ kind: 'clusterIP', address: undefined, port }] as const;
  return routeOf({ targetPort: port, frontends, ...wish, portName, port, endpoints });
}

export function endpoint({ address, port }: Endpoint): RouteEndpoint {
  return endpointOf(address, { port, local: true });
}

/** A plane that is closed when the test ends, and its events. */
export function newPlane(options: UserspaceOptions = {}): { plane: Plane; events: PlaneEvent[] } {
  const events: PlaneEvent[] = [];
  const plane = createUserspacePlane({ log: event => events.push(event), ...options });
  onTestFinished(() => plane.close({ drainMs: 0 }));
  return { plane, events };
}

/** Applies routes and returns their listeners. */
export async function set(plane: Plane, ...routes: readonly ProxiedRoute[]): Promise<Listener[]> {
  const { outcomes } = await plane.apply(routes.map(one => ({ type: 'set', route: one })));
  return outcomes.flatMap(({ listeners }) => listeners);
}

/** `127.0.0.1:8080` */
export const dialled = ({ address, port }: Listener): string => `${address}:${port}`;

export function only(listeners: readonly Listener[], kind?: Frontend['kind']): Listener {
  const found = listeners.filter(listener => kind === undefined || listener.frontend.kind === kind);
  const [first] = found;
  if (first === undefined || found.length > 1)
    throw new Error(`${found.length} listeners: ${JSON.stringify(listeners)}`);
  return first;
}

let lastPod = 0;

/** An address of 127.64.0.0/10 that no other server of this file uses. */
export function podAddress(): string {
  lastPod++;
  return `127.${64 + (process.pid % 64)}.${lastPod >> 8}.${1 + (lastPod & 0xff)}`;
}

export interface Replica extends Endpoint {
  readonly server: Server;
  readonly sockets: Set<Socket>;
  /** Stops accepting connections; open ones stay open. */
  stop(): void;
}

/** A TCP server on an address of its own. */
export async function replica(handler: (socket: Socket) => void, address = podAddress(), port = 0): Promise<Replica> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    handler(socket);
  });
  const stop = () => {
    server.close();
  };
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  server.listen(port, address);
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return { address, port: bound.port, server, sockets, stop };
}

/** Replies to each request with its name, and ends when the client does. */
export function named(name: string): (socket: Socket) => void {
  return socket => socket.on('data', () => socket.write(name)).on('end', () => socket.end());
}

export function echo(socket: Socket): void {
  socket.pipe(socket);
}

/** An endpoint where no server listens. */
export async function deadEndpoint(): Promise<Endpoint> {
  const { address, port, server } = await replica(() => {});
  server.close();
  await once(server, 'close');
  return { address, port };
}

export async function dial(to: Endpoint, localAddress?: string): Promise<Socket> {
  const socket = connect({
    host: to.address,
    port: to.port,
    allowHalfOpen: true,
    noDelay: true,
    ...(localAddress === undefined ? {} : { localAddress }),
  });
  onTestFinished(() => {
    socket.destroy();
  });
  await once(socket, 'connect');
  // From here on, the test handles expected errors.
  socket.on('error', () => {});
  return socket;
}

/** Sends one request over one connection. @throws the error of the connection */
export async function ask(to: Endpoint, localAddress?: string): Promise<string> {
  const socket = await dial(to, localAddress);
  socket.end('?');
  return await readAll(socket);
}

/** Reads until the peer ends. @throws if the connection breaks, or ends without data */
export async function readAll(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) text += chunk;
  if (text === '') throw new Error('ended without an answer');
  return text;
}

/** Reads the next chunk. @throws if the peer ends or the connection breaks before it */
export async function next(socket: Socket): Promise<string> {
  const over = new AbortController();
  const end = () => over.abort(new Error('ended without an answer'));
  socket.once('end', end).once('close', end);
  try {
    const [chunk] = await once(socket, 'data', { signal: over.signal });
    return String(chunk);
  } finally {
    socket.off('end', end).off('close', end);
  }
}

export async function closed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await new Promise<void>(resolve => socket.once('close', () => resolve()));
}

/** The system's error code with which a promise rejects, or `none`. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'none';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

export interface UdpReplica extends Endpoint {
  readonly socket: UdpSocket;
  readonly got: string[];
}

/** A UDP server that answers `name:question`, if it has a name. */
export async function udpReplica(name: string | undefined, address = podAddress(), port = 0): Promise<UdpReplica> {
  const socket = await udpSocket(address, port);
  const got: string[] = [];
  socket.on('message', (message, from) => {
    got.push(String(message));
    if (name !== undefined) socket.send(`${name}:${message}`, from.port, from.address);
  });
  return { address, port: socket.address().port, socket, got };
}

export async function udpSocket(address = '127.0.0.1', port = 0): Promise<UdpSocket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  onTestFinished(() => {
    try {
      socket.close();
    } catch {
      // The test has closed it.
    }
  });
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** Sends a datagram and waits for the reply. @throws if it comes from another address or port */
export async function askUdp(socket: UdpSocket, to: Endpoint, question: string): Promise<string> {
  socket.send(question, to.port, to.address);
  const [answer, from] = await once(socket, 'message');
  if (from.address !== to.address || from.port !== to.port) throw new Error(`answered by ${from.address}:${from.port}`);
  return String(answer);
}

/**
 * Runs the text of a module in a Node process of its own, which reports by `process.send`. `before`: shell words to put
 * in front, such as `ulimit -n 64;`.
 */
export function childNode(code: string, options: { before?: string } = {}): Child {
  const child = spawn(
    '/bin/sh',
    ['-c', `${options.before ?? ''} exec "$0" "$@"`, process.execPath, '--input-type=module', '-e', code],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      cwd: '/',
    },
  );
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const said: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  child.on('message', message => {
    const take = waiting.shift();
    if (take === undefined) said.push(message);
    else take(message);
  });
  return {
    process: child,
    hear: () =>
      new Promise((resolve, reject) => {
        if (said.length > 0) resolve(said.shift());
        else waiting.push(resolve);
        child.once('exit', (status, signal) => reject(new Error(`child ended: ${status ?? signal}`)));
      }),
  };
}

/** Whether a child's message is a list of listeners. */
export function isListeners(message: unknown): message is Listener[] {
  return Array.isArray(message) && message.every(one => typeof one === 'object' && one !== null && 'frontend' in one);
}

export interface Child {
  readonly process: ChildProcess;
  /** The child's next message. */
  hear(): Promise<unknown>;
}

/** The URL of the plane's module, for a child. */
export const PLANE_URL = new URL('../../src/planes/userspace/index.ts', import.meta.url).href;
