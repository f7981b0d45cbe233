import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { serve } from '../http-answers.ts';
import { listen } from './server.ts';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

function opened<S extends Server>(server: S): S {
  servers.push(server);
  return server;
}

const ignore = { onError: () => undefined };

describe.each([
  ['TCP', () => createServer()],
  ['HTTP', () => createHttpServer()],
])('a %s server', (_kind, make) => {
  test('returns the port that the system chose', async () => {
    const { at } = await listen(opened(make()), LOOPBACK, ignore);
    expect(at).toEqual({ address: '127.0.0.1', port: expect.any(Number) });
    expect(at.port).toBeGreaterThan(0);
  });

  test('keeps listening when accept() fails, and reports the error', async () => {
    const errors: Error[] = [];
    const server = opened(make());
    await listen(server, LOOPBACK, { onError: error => errors.push(error) });
    const failure = new Error('accept EMFILE');
    // Without a listener this would end the process.
    server.emit('error', failure);
    expect([errors, server.listening]).toEqual([[failure], true]);
  });

  test('throws the error code of the system when the port is busy', async () => {
    const { at } = await listen(opened(make()), LOOPBACK, ignore);
    await expect(listen(opened(make()), at, ignore)).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

test('a server of health checks or metrics keeps listening when accept() fails', async () => {
  const server = opened(await serve(LOOPBACK, () => undefined));
  server.emit('error', new Error('accept EMFILE'));
  expect(server.listening).toBe(true);
});

test('listens for IPv6 only at ::, so that IPv4 can have a server of its own', async () => {
  const { at } = await listen(opened(createServer()), { address: '::', port: 0 }, ignore);
  await listen(opened(createServer()), { address: '0.0.0.0', port: at.port }, ignore);
});

test('listens for both families at :: with dualStack', async () => {
  const server = opened(createServer(socket => socket.end('hello')));
  const { at } = await listen(server, { address: '::', port: 0 }, { ...ignore, dualStack: true });
  const client = connect(at.port, '127.0.0.1');
  let text = '';
  for await (const chunk of client) text += chunk;
  expect(text).toBe('hello');
});

describe('aborting the signal', () => {
  test('before it listens leaves no socket open', async () => {
    const server = opened(createServer());
    const reason = new Error('the user has pressed Ctrl-C');
    await expect(listen(server, LOOPBACK, { ...ignore, signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(server.listening).toBe(false);
  });

  test('while it is being opened leaves no socket open', async () => {
    const server = opened(createServer());
    const controller = new AbortController();
    const listening = listen(server, LOOPBACK, { ...ignore, signal: controller.signal });
    const reason = new Error('stop');
    controller.abort(reason);
    await expect(listening).rejects.toBe(reason);
    await new Promise(resolve => setImmediate(resolve));
    expect(server.listening).toBe(false);
  });

  test('after it listens closes the server', async () => {
    const server = opened(createServer());
    const controller = new AbortController();
    await listen(server, LOOPBACK, { ...ignore, signal: controller.signal });
    const closed = new Promise(resolve => server.once('close', resolve));
    controller.abort();
    await closed;
    expect(server.listening).toBe(false);
  });
});
