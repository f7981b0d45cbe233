/** Instances in the background and side by side: up -d, ps, down. */
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { deployment, folder, HELLO, switchboard } from '../support/cli.ts';
import { isAlive } from '../support/pod-processes.ts';

async function scene() {
  const runtime = await folder({});
  const shop = await folder({ 'app.yaml': deployment('web', HELLO) });
  const env = { HOME: tmpdir(), XDG_RUNTIME_DIR: runtime.path };
  const run = (...args: readonly string[]) => switchboard(args, { env });
  return {
    shop: shop.path,
    run,
    left: () => readdir(join(runtime.path, 'switchboard')),
    async [Symbol.asyncDispose]() {
      await run('down', 'shop');
      await run('down', 'other');
      await runtime[Symbol.asyncDispose]();
      await shop[Symbol.asyncDispose]();
    },
  };
}

test('up -d serves in the background once everything is ready, ps lists its pods, down ends them', async () => {
  await using it = await scene();
  const started = await it.run('up', '-d', '--run', '--no-dns', '--name', 'shop', '-f', it.shop);
  expect(started.stdout).toMatch(/^default\/web +ClusterIP/m);
  expect(started.stderr).toMatch(/^shop goes on in the background \(pid \d+\), output in .*shop\.log$/m);
  expect(started.code).toBe(0);
  const pid = Number(/\(pid (\d+)\)/.exec(started.stderr)?.[1]);
  const listed = await it.run('ps');
  expect(listed.stdout).toMatch(/^shop +default\/web-\S+ +(yes|no) +Running +\S+ +\d+s/m);
  const data: unknown = JSON.parse((await it.run('ps', 'shop', '-o', 'json')).stdout);
  expect(data).toMatchObject({
    kind: 'PodList',
    items: [{ instance: 'shop', pod: expect.stringMatching(/^default\/web-/) }],
  });
  const ended = await it.run('down');
  expect(ended).toMatchObject({ code: 0, stderr: 'stopped shop\n' });
  expect(isAlive(pid)).toBe(false);
  expect(await it.left()).toEqual(['logs']);
});

test('several instances are told apart by their names', async () => {
  await using it = await scene();
  for (const name of ['shop', 'other']) {
    const { code, stderr } = await it.run('up', '-d', '--no-dns', '--name', name, '-f', it.shop);
    expect(code, stderr).toBe(0);
  }
  const unclear = await it.run('down');
  expect(unclear.stderr).toMatch(
    /several run: other \(pid \d+, .*\), shop \(pid \d+, .*\); name one: switchboard down other \(SWB_NOT_RUNNING\)/,
  );
  expect(unclear.code).toBe(2);
  expect((await it.run('down', 'nothing')).stderr).toMatch(/no instance "nothing" runs; there are other/);
  expect((await it.run('down', 'shop')).stderr).toBe('stopped shop\n');
  expect((await it.run('down')).stderr).toBe('stopped other\n');
  expect((await it.run('ps')).stderr).toMatch(/no "switchboard up" of yours runs/);
});

test('up -d that cannot start prints why, and ends with its exit code', async () => {
  await using it = await scene();
  const failed = await it.run('up', '-d', '--name', 'shop', '-f', join(it.shop, 'missing.yaml'));
  expect(failed.stdout + failed.stderr).toMatch(/missing\.yaml.*SWB_INPUT_NOT_FOUND/);
  expect(failed.code).toBe(2);
});

test('up -d refuses standard input', async () => {
  await using it = await scene();
  const refused = await it.run('up', '-d', '-f', '-');
  expect(refused.stderr).toMatch(/-d cannot read standard input later: name a file or folder with -f \(SWB_USAGE\)/);
});
