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

test('an answer that fails is told to who asked, and the next one is given', async () => {
  const get = await served(async path => {
    if (path === '/broken') throw new Error('the figures cannot be had');
    return { status: 200, type: 'text/plain', body: 'fine' };
  });
  const broken = await get('/broken');
  expect([broken.status, await broken.text()]).toEqual([500, 'the figures cannot be had\n']);
  expect(await (await get('/')).text()).toBe('fine');
});

test('what is not there is 404', async () => {
  const get = await served(path => (path === '/' ? { status: 200, type: 'text/plain', body: '' } : undefined));
  expect((await get('/other')).status).toBe(404);
});
