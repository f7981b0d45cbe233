import type { ChildProcess } from 'node:child_process';
import type { Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server, Socket } from 'node:net';
import { messageOf, systemCodeOf } from '../../errors.ts';
import { ownNetwork } from '../../system/index.ts';
import type { FromHost, HostRequest, ToHost } from '../messages.ts';
import { openOutward } from './outward.ts';

/** How often to look for new addresses: they come and go with networks and VPNs. */
const SCAN_MS = 2_000;

/**
 * Opens sockets in the host's network for the gateway, as long as the gateway runs.
 *
 * @param gateway a process that has made its namespaces itself, as unshare does, so that its pid stands for them
 * @param folder for the files of programs that it starts
 */
export function serveHost(gateway: ChildProcess, folder: string): void {
  gateway.on('message', (message: ToHost) => {
    if (message.kind === 'request') void answer(gateway, folder, message.id, message.request);
  });
  let known = '';
  const scan = (): void => {
    try {
      const addresses = [...ownNetwork.addresses()];
      if (addresses.join() === known) return;
      known = addresses.join();
      post(gateway, { kind: 'addresses', addresses });
    } catch {
      // Out of file descriptors: the next scan may find them.
    }
  };
  scan();
  const timer = setInterval(scan, SCAN_MS).unref();
  gateway.once('exit', () => clearInterval(timer));
}

export function post(gateway: ChildProcess, message: FromHost, socket?: Server | Socket | UdpSocket): void {
  // A gateway that has ended gets no messages; its end is reported by other means.
  if (!gateway.connected) return;
  if (socket === undefined) gateway.send(message, () => undefined);
  // The gateway has the socket once it is sent; Node closes this process's copy of a connection, but not of the others.
  else gateway.send(message, socket, {}, () => (socket instanceof Socket ? undefined : socket.close()));
}

async function answer(gateway: ChildProcess, folder: string, id: number, request: HostRequest): Promise<void> {
  try {
    await act(gateway, folder, id, request);
  } catch (error) {
    post(gateway, { kind: 'failure', id, code: systemCodeOf(error), why: messageOf(error) });
  }
}

async function act(gateway: ChildProcess, folder: string, id: number, request: HostRequest): Promise<void> {
  switch (request.kind) {
    case 'listen': {
      const server = createServer();
      const { at } = await ownNetwork.listen(server, request.at, { ...request.options, onError: () => undefined });
      post(gateway, { kind: 'answer', id, at }, server);
      return;
    }
    case 'udp': {
      const { socket, at } = await ownNetwork.openUdp(request.at, request.options);
      post(gateway, { kind: 'answer', id, at }, socket);
      return;
    }
    case 'connect': {
      const socket = new Socket({ allowHalfOpen: true });
      // Nothing may be read before the gateway has the socket.
      socket.pause();
      socket.connect({ host: request.to.address, port: request.to.port });
      await once(socket, 'connect');
      post(gateway, { kind: 'answer', id }, socket);
      return;
    }
    case 'outward': {
      const outward = await openOutward(gateway.pid ?? 0, folder);
      if (outward.kind === 'open') gateway.once('exit', outward.close);
      const text = outward.kind === 'open' ? outward.by : outward.why;
      post(gateway, { kind: 'answer', id, text, done: outward.kind === 'open' });
      return;
    }
    case 'owner': {
      const text = await ownNetwork.portOwners().describe(request.port);
      post(gateway, { kind: 'answer', id, text });
    }
  }
}
