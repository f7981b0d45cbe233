import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpGet, type HttpOutcome, httpGet } from './http-get.ts';

const opened: (() => unknown)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

/** @returns the port */
async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  opened.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function get(port: number, headers: HttpGet['headers'] = []): Promise<HttpOutcome> {
  const { signal } = new AbortController();
  return httpGet({ host: '127.0.0.1', port, path: '/ready', scheme: 'HTTP', headers }, signal);
}

async function headersFor(headers: HttpGet['headers']): Promise<IncomingHttpHeaders> {
  const seen = Promise.withResolvers<IncomingHttpHeaders>();
  await get(
    await serve((request, response) => {
      seen.resolve(request.headers);
      response.end();
    }),
    headers,
  );
  return seen.promise;
}

describe('A40: headers', () => {
  test('are those of the kubelet', async () => {
    expect(await headersFor([])).toMatchObject({ 'user-agent': 'kube-probe/1.37', accept: '*/*' });
  });

  test('of the manifest replace them, whatever their case, and may repeat', async () => {
    const headers = await headersFor([
      ['ACCEPT', 'text/html'],
      ['X-A', '1'],
      ['x-a', '2'],
    ]);
    expect(headers).toMatchObject({ accept: 'text/html', 'x-a': '1, 2' });
  });

  test('that are empty leave them out', async () => {
    const headers = await headersFor([
      ['User-Agent', ''],
      ['accept', ''],
    ]);
    expect(headers).not.toHaveProperty('user-agent');
    expect(headers).not.toHaveProperty('accept');
  });
});

describe('A40: a redirect', () => {
  async function redirected(location: (port: number) => string, status: number): Promise<[string, HttpOutcome]> {
    const urls: string[] = [];
    const port: number = await serve((request, response) => {
      urls.push(request.url ?? '');
      if (request.url === '/ready') response.writeHead(302, { location: location(port) }).end();
      else response.writeHead(status).end();
    });
    const outcome = await get(port);
    return [urls.join(' '), outcome];
  }

  test('to the same host is followed', async () => {
    expect(await redirected(() => '/other?x', 200)).toEqual(['/ready /other?x', { kind: 'answer', status: 200 }]);
    const absolute = await redirected(port => `http://127.0.0.1:${port}/other`, 500);
    expect(absolute).toEqual(['/ready /other', { kind: 'answer', status: 500 }]);
  });

  test('to another host is the answer, with a warning', async () => {
    const [urls, outcome] = await redirected(() => 'http://example.com/', 200);
    expect(urls).toBe('/ready');
    expect(outcome).toEqual({
      kind: 'answer',
      status: 302,
      warning: expect.stringContaining('another host, example.com'),
    });
  });

  test('that leads to itself is the answer after ten, with a warning', async () => {
    let asked = 0;
    const port = await serve((_request, response) => {
      asked += 1;
      response.writeHead(302, { location: '/again' }).end();
    });
    expect(await get(port)).toEqual({ kind: 'answer', status: 302, warning: 'stopped after 10 redirects' });
    expect(asked).toBe(11);
  });
});
