/** Instances in the background and side by side: up -d, ps, down. */
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { deployment, folder, HELLO, Running, switchboard } from '../support/cli.ts';
import { isAlive } from '../support/pod-processes.ts';

async function scene() {
  const runtime = await folder({});
  const shop = await folder({ 'app.yaml': deployment('web', HELLO) });
  const talk = "console.log('hello 1'); console.log('hello 2'); setInterval(() => {}, 1000)";
  const talking = await folder({ 'app.yaml': deployment('talker', talk, { replicas: 2 }) });
  const env = { HOME: tmpdir(), XDG_RUNTIME_DIR: runtime.path };
  const run = (...args: readonly string[]) => switchboard(args, { env });
  return {
    shop: shop.path,
    talking: talking.path,
    env,
    run,
    left: () => readdir(join(runtime.path, 'switchboard')),
    async [Symbol.asyncDispose]() {
      await run('down', 'shop');
      await run('down', 'other');
      await runtime[Symbol.asyncDispose]();
      await shop[Symbol.asyncDispose]();
      await talking[Symbol.asyncDispose]();
    },
  };
}

test('up -d serves in the background once everything is ready, ps lists its pods, down ends them', async () => {
  await using it = await scene();
  const started = await it.run('up', '-d', '--run', '--no-dns', '--name', 'shop', '-f', it.shop);
  expect(started.stdout).toMatch(/^default\/web +ClusterIP/m);
  expect(started.stderr).toMatch(/^shop goes on in the background \(pid \d+\), output in .*shop\.log$/m);
  expect(started.code).toBe(0);
  const twice = await it.run('up', '-d', '--no-dns', '--name', 'shop', '-f', it.shop);
  expect(twice.stderr).toMatch(/"shop" already runs \(pid \d+\): stop it with "switchboard down shop"/);
  expect(twice.code).toBe(2);
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

test('commands choose among several instances by name', async () => {
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

test('logs prints the output of a pod and of a workload, and follows', async () => {
  await using it = await scene();
  await it.run('up', '-d', '--run', '--no-dns', '--name', 'shop', '-f', it.talking);
  const all = await eventually('both lines', async () => {
    const { stdout } = await it.run('logs', 'deploy/talker');
    return stdout.match(/ \| hello 2$/gm)?.length === 2 ? stdout : undefined;
  });
  expect(all).toMatch(/^default\/talker-\S+ \| hello 1$/m);
  const [, pod = ''] = /^default\/(talker-\S+) /m.exec(all) ?? [];
  const one = await it.run('logs', pod, '--timestamps', '-n', 'default');
  expect(one.stdout).toMatch(/^\d{4}-\d\d-\d\dT\S+Z hello 1\n\d{4}\S+Z hello 2\n$/);
  expect((await it.run('logs', pod, '--since', '1', '-c', 'nothing')).code).toBe(2);
  expect((await it.run('logs', 'nothing')).stderr).toMatch(
    /no pod or workload "nothing" of shop has printed anything.*SWB_NOT_FOUND/,
  );
  const following = new Running(['logs', '-f', 'talker'], { env: it.env });
  await following.until(/hello 2[\s\S]*hello 2/);
  await it.run('down');
  expect(await following.exited).toBe(0);
});
