/** `up` with few file descriptors: it keeps a reserve, follows edits and reports what is missing. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folder, serviceTo, up } from '../support/cli.ts';

const SERVICES = 40;
const services = (target: number): string =>
  Array.from({ length: SERVICES }, (_, i) => serviceTo(`s${i}`, 8100 + i, target)).join('');

test.runIf(process.platform === 'linux').each([40, 60, 120])(
  'serves, answers DNS and follows edits with %d files',
  async maxFiles => {
    await using dir = await folder({ 'all.yaml': services(9000) });
    const running = await up(['-f', dir.path, '-o', 'jsonl', '--dns', '127.0.0.1:0'], { maxFiles });
    expect(running.stderr).toMatch(/^dns: listening on 127\.0\.0\.1:\d+/m);
    const routes = running.stdout
      .trim()
      .split('\n')
      .map(line => JSON.parse(line));
    expect(routes).toHaveLength(SERVICES);
    const states = new Set(routes.map(({ state }) => state));
    expect(states).toEqual(new Set(maxFiles < 120 ? ['Ready', 'NotListening'] : ['Ready']));
    const failed = routes.find(({ state }) => state === 'NotListening');
    if (maxFiles < 120)
      expect(failed.reason).toBe(
        `this process has reached its limit of ${maxFiles} open files; raise it with ulimit -n`,
      );
    await writeFile(join(dir.path, 'new.yaml'), serviceTo('new', 8200, 9000));
    await running.until(/"event":"route-added","route":"default\/new/);
    expect(running.stdout).not.toMatch(/route-removed/);
    expect(running.stderr).not.toMatch(/warning|EMFILE/);
    expect(await running.stop()).toBe(0);
  },
);

test.runIf(process.platform === 'linux').each([24, 26, 28, 30])(
  'serves what it can with %d files, with DNS or with the reason why there is none',
  async maxFiles => {
    await using dir = await folder({ 'all.yaml': services(9000) });
    const running = await up(['-f', dir.path], { maxFiles });
    expect(running.stderr).toMatch(
      /^(dns: listening on .*|note: no DNS: this process has reached its limit of open files; raise it with ulimit -n)$/m,
    );
    expect(await running.stop()).toBe(0);
  },
);

test.runIf(process.platform === 'linux')('serves clients even if there are more Services than files', async () => {
  const server = createServer(socket => socket.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    await using dir = await folder({ 'all.yaml': services(typeof address === 'object' ? (address?.port ?? 0) : 0) });
    const running = await up(['-f', dir.path], { maxFiles: 80 });
    const [host = '', port] = running.address('default/s0').split(':');
    const client = connect({ host, port: Number(port) });
    const [text] = await once(client, 'data');
    expect(String(text)).toBe('hello');
    expect(await running.stop()).toBe(0);
  } finally {
    server.close();
  }
});
