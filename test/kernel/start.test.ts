/** How the plane starts if a requirement is missing or another proxy is present. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { labMissing } from '../../testing/lab/tools.ts';
import { folder, serviceTo } from '../support/cli.ts';
import { gone, SIX, service, slice } from './manifests.ts';
import { withNamespace } from './namespace.ts';
import { PlaneChild } from './plane-child.ts';

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts');
const OPTIONS = { nodeAddresses: ['192.0.2.1', 'fd00:c0::1'], watchMs: 20 } as const;
const OBJECTS = [
  service('web', '10.96.0.10', { type: 'NodePort', ports: [{ port: 80, targetPort: 8080, nodePort: 30_080 }] }),
  slice('web', ['10.0.0.1', '10.0.0.2']),
  service('six', 'fd00:96::10', SIX),
  slice('six', ['fd00::1']),
];

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in a namespace, through `wrapper`. */
async function cli(namespace: string, args: readonly string[], wrapper: readonly string[] = []): Promise<Ended> {
  const argv = ['netns', 'exec', namespace, ...wrapper, process.execPath, MAIN, ...args];
  const promise = run('ip', argv);
  const ended = await promise.catch((error: unknown) => error);
  const text = (key: string) => (isObject(ended) ? String(Reflect.get(ended, key) ?? '') : '');
  return { code: promise.child.exitCode ?? -1, stdout: text('stdout'), stderr: text('stderr') };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

const NO_RIGHTS = 'setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all'.split(' ');
const NO_RIGHTS_AS_ROOT = 'setpriv --inh-caps=-all --bounding-set=-all'.split(' ');

const missing = labMissing();

describe.skipIf(missing !== undefined)('nftables plane: what it finds at its start', () => {
  it('uses the nft program without the library, repairs included', async () => {
    await withNamespace(async namespace => {
      await using plane = await PlaneChild.start(namespace, { ...OPTIONS, nft: { library: 'libnone.so.9' } });
      await plane.apply(OBJECTS);
      expect(await plane.verify()).toEqual([]);
      await plane.apply([slice('web', ['10.0.0.2', '10.0.0.3', '10.0.0.4']), gone('Service', 'six')]);
      expect(await plane.verify()).toEqual([]);
      // The program's changes for the plane do not count as edits by others.
      await plane.ask({ order: 'rest' });
      expect(plane.repairs()).toBe(0);
      await run('ip', ['netns', 'exec', namespace, 'nft', 'flush ruleset']);
      await plane.until('a repair', () => plane.repairs() === 2);
      expect(await plane.verify()).toEqual([]);
    });
  }, 30_000);

  it('names the packages to install if it finds neither library nor program', async () => {
    await withNamespace(async namespace => {
      const nft = { library: 'libnone.so.9', program: 'no-such-nft' };
      const started = PlaneChild.start(namespace, { ...OPTIONS, nft });
      await expect(started).rejects.toMatchObject({ code: 'SWB_NFT_MISSING' });
      await expect(started).rejects.toThrow(/libnone\.so\.9.*no-such-nft.*libnftables1.*nftables/s);
    });
  }, 30_000);

  it.each([
    ['up', 'another user', NO_RIGHTS],
    ['up', 'root without capabilities', NO_RIGHTS_AS_ROOT],
    ['verify', 'another user', NO_RIGHTS],
  ])(
    'reports missing permissions of %s as %s in one line and exits with 2',
    async (command, _who, wrapper) => {
      await withNamespace(async namespace => {
        await using files = await folder({ 'web.yaml': serviceTo('web', 80, 8080) });
        await run('chmod', ['-R', 'a+rX', files.path]);
        const plane = command === 'up' ? ['--plane', 'nftables'] : [];
        const ended = await cli(namespace, [command, ...plane, '-f', `${files.path}/web.yaml`], wrapper);
        expect(ended.stderr).toMatch(/^switchboard: .*CAP_NET_ADMIN.* \(SWB_NFT_PERMISSION\)\n$/);
        expect(ended).toMatchObject({ code: 2, stdout: '' });
      });
    },
    30_000,
  );

  it('reports missing permissions of cleanup in one line and exits with 2', async () => {
    await withNamespace(async namespace => {
      await using plane = await PlaneChild.start(namespace, OPTIONS);
      await plane.apply(OBJECTS);
      const ended = await cli(namespace, ['cleanup'], NO_RIGHTS);
      expect(ended.stderr).toMatch(/^switchboard: .* \(SWB_NFT_PERMISSION\)\n$/);
      expect(ended.code).toBe(2);
      expect(await plane.verify()).toEqual([]);
    });
  }, 30_000);

  it.each([
    ['the table of its nftables mode', 'add table ip kube-proxy', 'table ip kube-proxy'],
    ['its IPv6 table', 'add table ip6 kube-proxy', 'table ip6 kube-proxy'],
    [
      'the chains of its iptables mode',
      'add table ip nat; add chain ip nat KUBE-SERVICES',
      'chain KUBE-SERVICES in table ip nat',
    ],
  ])(
    'does not start beside %s of kube-proxy, which it names, unless forced',
    async (_what, made, named) => {
      await withNamespace(async namespace => {
        await run('ip', ['netns', 'exec', namespace, 'nft', made]);
        const refused = PlaneChild.start(namespace, OPTIONS);
        await expect(refused).rejects.toMatchObject({ code: 'SWB_OTHER_PROXY' });
        await expect(refused).rejects.toThrow(named);
        const tables = await run('ip', ['netns', 'exec', namespace, 'nft', 'list tables']);
        expect(tables.stdout).not.toContain('switchboard');
        await using plane = await PlaneChild.start(namespace, { ...OPTIONS, force: true });
        await plane.apply(OBJECTS);
        expect(await plane.verify()).toEqual([]);
      });
    },
    30_000,
  );

  it('replaces the table in one transaction if options changed', async () => {
    await withNamespace(async namespace => {
      await using plane = await PlaneChild.start(namespace, OPTIONS);
      await plane.apply(OBJECTS);
      await plane.close();
      const before = await generation(namespace);
      await using other = await PlaneChild.start(namespace, { ...OPTIONS, masqueradeBit: 9, masqueradeAll: true });
      await other.apply(OBJECTS);
      expect((await generation(namespace)) - before).toBe(1);
      expect(await other.verify()).toEqual([]);
      await plane.kill();
      await using first = await PlaneChild.start(namespace, OPTIONS);
      const found = await first.verifyOther(OBJECTS);
      expect(found.map(({ where }) => where)).toEqual(['table ip switchboard', 'table ip6 switchboard']);
    });
  }, 30_000);

  it('removes both tables and nothing else on cleanup, and nothing the second time', async () => {
    await withNamespace(async namespace => {
      const nft = (text: string) => run('ip', ['netns', 'exec', namespace, 'nft', text]);
      const others =
        'add table inet switchboard; add chain inet switchboard c; add table ip switchboard2; add table arp switchboard';
      await nft(others);
      const before = (await nft('list ruleset')).stdout;
      await using plane = await PlaneChild.start(namespace, OPTIONS);
      await plane.apply(OBJECTS);
      await plane.close();
      const removed = await cli(namespace, ['cleanup']);
      expect(removed).toMatchObject({
        code: 0,
        stdout: 'removed table ip switchboard\nremoved table ip6 switchboard\n',
      });
      expect((await nft('list ruleset')).stdout).toBe(before);
      expect((await cli(namespace, ['cleanup'])).stdout).toBe(
        'nothing to remove: the kernel has no tables of Switchboard\n',
      );
    });
  }, 30_000);

  it('prints what apply does on a dry run, and changes nothing', async () => {
    const made: string[] = [];
    const changed = [...OBJECTS, slice('web', ['10.0.0.2', '10.0.0.3', '10.0.0.5']), gone('Service', 'six')];
    for (const way of ['apply', 'printed'] as const) {
      await withNamespace(async namespace => {
        const list = async () => (await run('ip', ['netns', 'exec', namespace, 'nft', 'list ruleset'])).stdout;
        await using plane = await PlaneChild.start(namespace, OPTIONS);
        await plane.apply(OBJECTS);
        await plane.close();
        await using other = await PlaneChild.start(namespace, OPTIONS);
        const before = await list();
        const text = await other.dryRun(changed);
        expect(await list()).toBe(before);
        expect(text).toContain('10.0.0.5');
        if (way === 'apply') await other.apply(changed);
        else await piped(namespace, text);
        expect(await other.verifyOther(changed)).toEqual([]);
        made.push(sorted(await list()));
      });
    }
    expect(made[1]).toBe(made[0]);
  }, 30_000);
});

/** The number of transactions so far. */
async function generation(namespace: string): Promise<number> {
  const script = `import { NetlinkSocket, attributesIn } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/system/index.ts'))};
    const [answer] = new NetlinkSocket(12).request((10 << 8) | 16, 0, Buffer.alloc(4));
    process.stdout.write(String(attributesIn(answer.payload.subarray(4)).get(1).readUInt32BE(0)));`;
  const { stdout } = await run('ip', [
    'netns',
    'exec',
    namespace,
    process.execPath,
    '--input-type=module',
    '-e',
    script,
  ]);
  return Number(stdout);
}

async function piped(namespace: string, text: string): Promise<void> {
  const promise = run('ip', ['netns', 'exec', namespace, 'nft', '-f', '-']);
  promise.child.stdin?.end(text);
  await promise;
}

/** Sorts chains and elements, whose order depends on when they were created and does not affect packets. */
function sorted(ruleset: string): string {
  return ruleset
    .replace(/,\s*\n\s*/g, ', ')
    .split('\n')
    .map(line =>
      line
        .split(/, | \}/)
        .sort()
        .join(),
    )
    .sort()
    .join('\n');
}
