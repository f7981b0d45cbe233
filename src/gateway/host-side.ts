import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:dgram';
import { createServer, type Server } from 'node:net';
import { messageOf, systemCodeOf } from '../errors.ts';
import { ownNetwork } from '../system/index.ts';
import type { FromHost, HostRequest, ToHost } from './messages.ts';

/** How often to look for new addresses: they come and go with networks and VPNs. */
const SCAN_MS = 2_000;

/** Opens sockets in the host's network for the gateway, as long as the gateway runs. */
export function serveHostSockets(gateway: ChildProcess): void {
  gateway.on('message', (message: ToHost) => {
    void answer(gateway, message);
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

export function post(gateway: ChildProcess, message: FromHost, socket?: Server | Socket): void {
  // A gateway that has ended gets no messages; its end is reported by other means.
  if (!gateway.connected) return;
  if (socket === undefined) gateway.send(message, () => undefined);
  // The gateway has the socket once it is sent; this process closes its own copy.
  else gateway.send(message, socket, {}, () => socket.close());
}

async function answer(gateway: ChildProcess, { id, request }: ToHost): Promise<void> {
  try {
    await act(gateway, id, request);
  } catch (error) {
    post(gateway, { kind: 'failure', id, code: systemCodeOf(error), why: messageOf(error) });
  }
}

async function act(gateway: ChildProcess, id: number, request: HostRequest): Promise<void> {
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
    case 'owner': {
      const text = await ownNetwork.portOwners().describe(request.port);
      post(gateway, { kind: 'answer', id, text });
    }
  }
}
