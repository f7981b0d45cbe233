import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { podNetworksMissing } from '../../testing/pod-networks.ts';
import { commandsMissing, titled } from '../../testing/requirements.ts';
import { deployment, folder, HELLO, Running, serviceTo, switchboard } from '../support/cli.ts';

const NOBODY = 65_534;
const SHOP = ['run', '-n', 'shop', '-f', 'examples/shop'];

/** A shell command that runs until a signal ends it. */
const FOREVER = 'sleep 1000 & wait';

const noNetworks = podNetworksMissing();
const noCurl = commandsMissing('curl');
const withCurl = test.skipIf(noCurl !== undefined);

/** The processes that have a word in their environment. */
async function processesWith(word: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    if (environment.includes(word)) found.push(pid);
  }
  return found;
}

describe.skipIf(noNetworks !== undefined).each([
  ['root', {}],
  ['an unprivileged user', { uid: NOBODY, env: { HOME: tmpdir() } }],
])(titled('in a network of its own, for %s', noNetworks), (_who, as) => {
  withCurl(titled('names resolve as in a pod, ports are those of the Services', noCurl), async () => {
    const urls = ['http://web/', 'http://web.shop/', 'http://web.shop.svc/', 'http://web.shop.svc.cluster.local./'];
    const { code, stdout, stderr } = await switchboard([...SHOP, '--', 'curl', '-sS', '--fail', ...urls], as);
    expect(stderr).not.toMatch(/curl/);
    expect(stdout.match(/Welcome/g)).toHaveLength(urls.length);
    expect(code).toBe(0);
  });

  test('resolves the name of a StatefulSet pod', async () => {
    const { stdout, stderr } = await switchboard([...SHOP, '--', 'getent', 'ahostsv4', 'db-0.db.shop'], as);
    expect(stdout, stderr).toMatch(/^10\.244\.\d+\.\d+ +STREAM db-0\.db\.shop\.svc\.cluster\.local$/m);
  });

  test('runs the command as the calling user in a network of its own, and prints the mode', async () => {
    const script = 'id -u; ls /sys/class/net /proc/self/root/sys/class/net 2>/dev/null; cat /proc/net/dev';
    const { stdout, stderr } = await switchboard(
      ['run', '--wait', '0', ...SHOP.slice(1), '--', 'sh', '-c', script],
      as,
    );
    expect(stdout).toMatch(new RegExp(`^${'uid' in as ? NOBODY : 0}$`, 'm'));
    expect(stdout.split('\n').filter(line => /^ *\w+:/.test(line))).toEqual([
      expect.stringMatching(/^ *lo:/),
      expect.stringMatching(/^ *eth0:/),
    ]);
    expect(stderr).toMatch(/^mode: network \(/m);
  });
});

const noOutside = noNetworks ?? noCurl;
test.skipIf(noOutside !== undefined)(
  titled('with --outside the network outside is reached by proxy variables, Services by their names', noOutside),
  async () => {
    const outside = createServer((_request, response) => response.end('outside'));
    await new Promise<void>(done => outside.listen(0, '127.0.0.1', done));
    const { port } = outside.address() as AddressInfo;
    // curl's own list is taken away: this test's outside is on loopback.
    const script = `curl -sS --noproxy '' http://127.0.0.1:${port}/; curl -sS http://web/; curl -sS --noproxy '*' -m 2 http://127.0.0.1:${port}/`;
    try {
      const { code, stdout, stderr } = await switchboard([...SHOP, '--outside', '--', 'sh', '-c', script]);
      expect(stdout, stderr).toMatch(/^outsideWelcome.*\n$/);
      expect(code).toBe(7);
    } finally {
      outside.close();
    }
  },
);

describe('the command', () => {
  test.each([0, 7, 255])('passes on exit code %i', async code => {
    const result = await switchboard([...SHOP, '--wait', '0', '--', 'sh', '-c', `exit ${code}`]);
    expect(result.code).toBe(code);
  });

  test('that a signal ended has the exit code of a shell', async () => {
    expect((await switchboard([...SHOP, '--wait', '0', '--', 'sh', '-c', 'kill -KILL $$'])).code).toBe(137);
  });

  test('that does not exist exits with 127', async () => {
    const { code, stderr } = await switchboard([...SHOP, '--wait', '0', '--', 'no-such-program']);
    expect(code).toBe(127);
    expect(stderr).toMatch(/no-such-program: no such program in PATH/);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGUSR1'] as const)('gets %s and handles it', async signal => {
    const script = `trap 'echo got it; kill $!; exit 9' ${signal.slice(3)}; echo started; ${FOREVER}`;
    const running = new Running([...SHOP, '--wait', '0', '--', 'sh', '-c', script]);
    await running.until(/started/);
    running.signal(signal);
    expect(await running.exited).toBe(9);
    expect(running.stdout).toMatch(/got it/);
  });

  test('has standard input, output and error', async () => {
    const { stdout, stderr } = await switchboard([...SHOP, '--wait', '0', '-q', '--', 'sh', '-c', 'cat; echo e >&2'], {
      stdin: 'from outside',
    });
    expect(stdout).toBe('from outside');
    expect(stderr).toBe('e\n');
  });

  withCurl(titled('starts when the Services that it needs are ready', noCurl), async () => {
    await using dir = await folder({
      'slow.yaml': deployment('slow', `setTimeout(() => { ${HELLO} }, 1500)`, {
        container: 'readinessProbe: { tcpSocket: { port: http }, periodSeconds: 1 }',
      }),
    });
    const { stdout, code, stderr } = await switchboard(['run', '-f', dir.path, '--', 'curl', '-sS', 'http://slow/']);
    expect(stdout, stderr).toMatch(/^slow-/);
    expect(code).toBe(0);
  });

  test('does not start when Services are not ready in time, and reports which and why', async () => {
    await using dir = await folder({
      'dead.yaml': deployment('dead', 'setInterval(() => 0, 1000)', {
        container: 'readinessProbe: { tcpSocket: { port: http }, periodSeconds: 1 }',
      }),
      'web.yaml': deployment('web', HELLO),
    });
    const args = ['run', '-f', dir.path, '--wait', '2'];
    const { code, stdout, stderr } = await switchboard([...args, '--', 'echo', 'started']);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/not ready after 2 s.*\n +default\/dead:http: .*SWB_NOT_READY/s);
    expect(code).toBe(2);
    const other = await switchboard([...args, '--need', 'web:http', '--', 'echo', 'started']);
    expect(other.stdout).toBe('started\n');
  });

  test('fails without manifests', async () => {
    const { code, stderr } = await switchboard(['run', '--', 'true']);
    expect(stderr).toMatch(/SWB_NO_INPUT/);
    expect(code).toBe(2);
  });

  test('fails when the needed Service does not exist', async () => {
    const { code, stderr } = await switchboard([...SHOP, '--need', 'nothing', '--', 'true']);
    expect(stderr).toMatch(/there is no Service shop\/nothing \(SWB_NOT_FOUND\)/);
    expect(code).toBe(2);
  });
});

describe('with a proxy', () => {
  const PROXIED = [...SHOP, '--mode', 'proxy'];

  withCurl.each([
    ['HTTP', ['http://web/', 'http://web.shop/', 'http://web.shop.svc.cluster.local/']],
    ['SOCKS', ['-x', 'SOCKS_PROXY', 'http://web/', 'http://web.shop/']],
    ['NAME.localhost', ['http://web.shop.localhost:PORT/', 'http://web.localhost:PORT/']],
  ])(titled('names resolve: %s', noCurl), async (_how, words) => {
    const script = `for word in ${words.join(' ')}; do set -- "$@" "$(echo $word | sed "s|SOCKS_PROXY|$ALL_PROXY|;s|PORT|\${HTTP_PROXY##*:}|")"; done; curl -sS --fail "$@"`;
    // This user may not listen on port 80, so Services use other ports, which the proxy resolves.
    const as = { uid: NOBODY, env: { HOME: tmpdir() } };
    const { code, stdout, stderr } = await switchboard([...PROXIED, '--', 'sh', '-c', script], as);
    expect(stdout.match(/Welcome/g), stderr).toHaveLength(words.filter(word => word.startsWith('http')).length);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^mode: proxy/m);
  });

  test('passes on exit codes and signals, and ends pods with the command', async () => {
    const env = { SWITCHBOARD_TEST: `proxied-${process.pid}` };
    const script = `trap 'kill $!; exit 9' TERM; echo started; ${FOREVER}`;
    const running = new Running([...PROXIED, '--wait', '0', '--', 'sh', '-c', script], { env });
    await running.until(/started/);
    running.signal('SIGTERM');
    expect(await running.exited).toBe(9);
    await eventually('end of all processes', async () => (await processesWith(`proxied-${process.pid}`)).length === 0);
  });

  test('uses the proxy where the system allows no network of its own, and reports why', async () => {
    await using dir = await folder({ 'web.yaml': serviceTo('web', 8099, 1) });
    const poor = { env: { PATH: dir.path } };
    const { code, stderr } = await switchboard(['run', '-f', dir.path, '--', '/bin/true'], poor);
    expect(stderr).toMatch(/^mode: proxy \(.*program "unshare" is missing; it is part of util-linux\)/m);
    expect(code).toBe(0);
    const wanted = await switchboard(['run', '--mode', 'network', '-f', dir.path, '--', '/bin/true'], poor);
    expect(wanted.stderr).toMatch(/unshare.*\(SWB_RUN_UNSUPPORTED\)/);
    expect(wanted.code).toBe(2);
  });
});

// The marks hold this process's id: another run of these tests on the same machine has its own.
describe('leaves nothing behind', () => {
  let runtime: Awaited<ReturnType<typeof folder>>;
  beforeAll(async () => {
    runtime = await folder({});
  });
  afterAll(() => runtime[Symbol.asyncDispose]());
  const left = () => readdir(join(runtime.path, 'switchboard'));
  const mark = (word: string) => ({
    env: { SWITCHBOARD_TEST: word, HOME: tmpdir(), XDG_RUNTIME_DIR: runtime.path },
  });

  test.skipIf(noNetworks !== undefined)(
    titled('when the command has ended, not even its background processes', noNetworks),
    async () => {
      const { code } = await switchboard(
        [...SHOP, '--', 'sh', '-c', 'sleep 1000 & exit 3'],
        mark(`ended-${process.pid}`),
      );
      expect(code).toBe(3);
      expect(await processesWith(`ended-${process.pid}`)).toEqual([]);
    },
  );

  test.skipIf(noNetworks !== undefined).each(['itself', 'the process inside'])(
    titled('when %s is killed', noNetworks),
    async which => {
      const word = `killed-${which.length}-${process.pid}`;
      const running = new Running([...SHOP, '--', 'sh', '-c', `echo started; ${FOREVER}`], mark(word));
      await running.until(/started/);
      expect((await processesWith(word)).length).toBeGreaterThan(3);
      if (which === 'itself') running.signal('SIGKILL');
      else {
        for (const pid of await processesWith(word)) {
          const about = (file: string) => readFile(`/proc/${pid}/${file}`, 'latin1').catch(() => '');
          const isNode = (await about('cmdline')).startsWith(process.execPath);
          if (isNode && (await about('environ')).includes('SWITCHBOARD_GATEWAY=')) process.kill(Number(pid), 'SIGKILL');
        }
      }
      await running.exited;
      await eventually('end of all processes', async () => (await processesWith(word)).length === 0);
      expect(await left()).toEqual([]);
    },
  );

  test('and changes nothing of the system', async () => {
    const files = ['/etc/resolv.conf', '/etc/nsswitch.conf', '/proc/sys/net/ipv4/ip_unprivileged_port_start'];
    const read = () => Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')));
    const before = await read();
    await switchboard([...SHOP, '--wait', '0', '--', 'true'], mark('system'));
    expect(await read()).toEqual(before);
    expect(await left()).toEqual([]);
  });
});
