import { afterEach, expect, test } from 'vitest';
import { serve } from './http-answers.ts';

const HERE = { address: '127.0.0.1', port: 0 };
let close: () => void = () => undefined;
afterEach(() => close());

async function served(answers: Parameters<typeof serve>[1]): Promise<(path: string) => Promise<Response>> {
  const server = await serve(HERE, answers);
  close = () => void server.close();
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return path => fetch(`http://127.0.0.1:${port}${path}`);
}

test('reports a failed answer to its client, and answers the next request', async () => {
  const get = await served(async path => {
    if (path === '/broken') throw new Error('the metrics are unavailable');
    return { status: 200, type: 'text/plain', body: 'fine' };
  });
  const broken = await get('/broken');
  expect([broken.status, await broken.text()]).toEqual([500, 'the metrics are unavailable\n']);
  expect(await (await get('/')).text()).toBe('fine');
});

test('answers 404 for an unknown path', async () => {
  const get = await served(path => (path === '/' ? { status: 200, type: 'text/plain', body: '' } : undefined));
  expect((await get('/other')).status).toBe(404);
});
