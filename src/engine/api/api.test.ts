import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBody } from '../containers/create-body.ts';
import { EngineApi } from './api.ts';
import { engineReason, engineStatus, isEngineGone } from './engine-error.ts';

interface Received {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

describe('requests to an engine', () => {
  let folder: string;
  let server: Server;
  let api: EngineApi;
  const received: Received[] = [];
  let answer: (response: ServerResponse) => void;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'swb-api-'));
    received.length = 0;
    answer = response => response.end('{}');
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      received.push({ url: request.url ?? '', headers: request.headers, body });
      answer(response);
    });
    await new Promise<void>(resolve => server.listen(join(folder, 'engine.sock'), resolve));
    api = await EngineApi.open({ kind: 'socket', path: join(folder, 'engine.sock') });
    api.useVersion('1.41');
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const get = (signal?: AbortSignal) => api.json({ method: 'GET', path: '/x', doing: 'look', signal });

  it('have the version before the path, and nothing of the body in the URL', async () => {
    const spec = { name: 'web', image: 'a', env: { TOKEN: 'marker' }, network: { kind: 'none' } } as const;
    await api.json({
      method: 'POST',
      path: '/containers/create',
      query: { name: 'web', platform: undefined },
      body: createBody(spec, 'docker'),
      registryAuth: 'bWFya2Vy',
      doing: 'create',
    });
    expect(received).toMatchObject([
      {
        url: '/v1.41/containers/create?name=web',
        headers: { 'x-registry-auth': 'bWFya2Vy', 'content-type': 'application/json' },
      },
    ]);
    expect(received[0]?.body).toContain('"TOKEN=marker"');
  });

  it('without a body have none', async () => {
    await api.json({ method: 'POST', path: '/containers/a/start', doing: 'start' });
    await api.json({ method: 'GET', path: '/version', prefix: '', doing: 'ask' });
    expect(received).toMatchObject([{ url: '/v1.41/containers/a/start', body: '' }, { url: '/version' }]);
  });

  it('fail with the words of the engine', async () => {
    answer = response => response.writeHead(404).end('{"message":"No such container: a"}');
    const error = await get().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SWB_ENGINE', message: 'cannot look: No such container: a (HTTP 404)' });
    expect([engineStatus(error), engineReason(error), isEngineGone(error)]).toEqual([
      404,
      'No such container: a',
      false,
    ]);
  });

  it('fail when the connection breaks within the answer', async () => {
    answer = response => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{"a":');
      response.socket?.destroySoon();
    };
    const error = await api.json({ method: 'POST', path: '/x', doing: 'look' }).catch((thrown: unknown) => thrown);
    expect(isEngineGone(error)).toBe(true);
  });

  it('are repeated if they change nothing and the connection is reset before an answer', async () => {
    let first = true;
    answer = response => {
      if (first) response.socket?.destroy();
      else response.end('{"a":1}');
      first = false;
    };
    expect(await get()).toEqual({ a: 1 });
    first = true;
    await expect(api.json({ method: 'POST', path: '/x', doing: 'change' })).rejects.toMatchObject({
      code: 'SWB_ENGINE',
    });
    expect(received).toHaveLength(3);
  });

  it('end with the reason of the signal, before and within an answer', async () => {
    await expect(get(AbortSignal.abort(new Error('early')))).rejects.toThrow('early');
    const stop = new AbortController();
    answer = response => {
      response.writeHead(200).write('{"a":');
      stop.abort(new Error('late'));
    };
    await expect(get(stop.signal)).rejects.toThrow('late');
  });
});
