import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseResolvConf } from '../../system/index.ts';
import { createForwarder } from './forwarder.ts';
import { type ForwardEvent, type ForwarderOptions, parseUpstream } from './options.ts';

describe('resolv.conf', () => {
  test('lists servers in order without duplicates, and ignores other lines', () => {
    const text = `# made by somebody
nameserver 10.0.0.2
nameserver\t10.0.0.1   # trailing
search example.com
nameserver fe80::1%eth0
 nameserver 10.0.0.9
nameserver ten
nameserver 10.0.0.2
options ndots:2`;
    expect(parseResolvConf(text).servers).toEqual(['10.0.0.2', '10.0.0.1', 'fe80::1%eth0']);
  });

  test('is read again when it changes, and the list stays when it disappears', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-resolv-'));
    const path = join(folder, 'resolv.conf');
    await writeFile(path, 'nameserver 10.0.0.1\n');
    const said = new Waiting();
    const forwarder = await createForwarder({
      upstreams: ['system', { zone: 'corp.example', address: '10.9.9.9', port: 5353 }],
      resolvConf: path,
      linkFiles: [],
      pollMs: 10,
      onEvent: event => said.add(event),
    });
    try {
      const corp = '10.9.9.9:5353 for corp.example';
      expect(said.all).toEqual([{ kind: 'upstreams', upstreams: ['10.0.0.1:53', corp], leftOut: [] }]);
      await writeFile(join(folder, 'new'), 'nameserver 10.0.0.2\nnameserver 10.0.0.1\n');
      await rename(join(folder, 'new'), path);
      await said.count(2);
      expect(said.all[1]).toMatchObject({ kind: 'upstreams', upstreams: ['10.0.0.2:53', '10.0.0.1:53', corp] });
      await rm(path);
      await said.count(3);
      expect(said.all[2]).toMatchObject({ kind: 'upstreams-unreadable', path });
      expect(forwarder.metrics().upstreams.map(each => each.upstream)).toEqual(['10.0.0.2:53', '10.0.0.1:53', corp]);
    } finally {
      await forwarder.close();
      await rm(folder, { recursive: true });
    }
  });

  test.each<[listener: string, port: number, leftOut: readonly string[]]>([
    ['127.0.0.1', 53, ['127.0.0.1:53']],
    ['0.0.0.0', 53, ['127.0.0.53:53', '127.0.0.1:53', '[::1]:53']],
    ['::', 53, ['127.0.0.53:53', '127.0.0.1:53', '[::1]:53']],
    ['0:0:0:0:0:0:0:1', 53, ['[::1]:53']],
    ['127.0.0.1', 5300, []],
  ])('our own listener at %s, port %i is excluded', async (address, port, leftOut) => {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-resolv-'));
    const path = join(folder, 'resolv.conf');
    await writeFile(path, ['127.0.0.53', '192.0.2.7', '127.0.0.1', '::1'].map(at => `nameserver ${at}\n`).join(''));
    const said = new Waiting();
    const settings: ForwarderOptions = {
      upstreams: ['system'],
      resolvConf: path,
      linkFiles: [],
      ownListeners: () => [{ address, port }],
      onEvent: event => said.add(event),
    };
    await (await createForwarder(settings)).close();
    await rm(folder, { recursive: true });
    expect(said.all).toMatchObject([{ leftOut }]);
  });
});

describe('the servers of the links', () => {
  const OURS = { address: '127.0.0.1', port: 53 };
  test.each<[name: string, files: Record<string, string>, expected: object]>([
    [
      'are used if resolv.conf has only ourselves',
      { 'resolv.conf': 'nameserver 127.0.0.1\n', resolved: 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n' },
      { kind: 'upstreams', upstreams: ['192.0.2.1:53', '192.0.2.2:53'], leftOut: ['127.0.0.1:53'] },
    ],
    [
      'are used if there is no resolv.conf',
      { resolved: 'nameserver 192.0.2.1\n' },
      { kind: 'upstreams', upstreams: ['192.0.2.1:53'], leftOut: [] },
    ],
    [
      'come from the next file if one has no server',
      { 'resolv.conf': '', resolved: '# nobody\n', manager: 'nameserver 192.0.2.3\n' },
      { kind: 'upstreams', upstreams: ['192.0.2.3:53'], leftOut: [] },
    ],
    [
      'are not used if resolv.conf has another server',
      { 'resolv.conf': 'nameserver 127.0.0.1\nnameserver 192.0.2.9\n', resolved: 'nameserver 192.0.2.1\n' },
      { kind: 'upstreams', upstreams: ['192.0.2.9:53'], leftOut: ['127.0.0.1:53'] },
    ],
    [
      'may be missing',
      { 'resolv.conf': 'nameserver 127.0.0.1\n' },
      { kind: 'upstreams', upstreams: [], leftOut: ['127.0.0.1:53'] },
    ],
  ])('%s', async (_name, files, expected) => {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-resolv-'));
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
    const said = new Waiting();
    const forwarder = await createForwarder({
      upstreams: ['system'],
      resolvConf: join(folder, 'resolv.conf'),
      linkFiles: [join(folder, 'resolved'), join(folder, 'manager')],
      ownListeners: () => [OURS],
      onEvent: event => said.add(event),
    });
    await forwarder.close();
    await rm(folder, { recursive: true });
    expect(said.all).toEqual([expected]);
  });

  test('are read again when they change', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'switchboard-resolv-'));
    const [resolvConf, links] = [join(folder, 'resolv.conf'), join(folder, 'resolved')];
    await writeFile(resolvConf, 'nameserver 127.0.0.1\n');
    await writeFile(links, 'nameserver 192.0.2.1\n');
    const said = new Waiting();
    const forwarder = await createForwarder({
      upstreams: ['system'],
      resolvConf,
      linkFiles: [links],
      ownListeners: () => [OURS],
      pollMs: 10,
      onEvent: event => said.add(event),
    });
    try {
      await writeFile(join(folder, 'new'), 'nameserver 192.0.2.20\n');
      await rename(join(folder, 'new'), links);
      await said.count(2);
      expect(said.all[1]).toMatchObject({ upstreams: ['192.0.2.20:53'] });
    } finally {
      await forwarder.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe('--forward', () => {
  test.each<[string, unknown]>([
    ['10.0.0.1', { address: '10.0.0.1', port: 53 }],
    ['10.0.0.1:5353', { address: '10.0.0.1', port: 5353 }],
    ['fd00::1', { address: 'fd00::1', port: 53 }],
    ['[fd00::1]:5353', { address: 'fd00::1', port: 5353 }],
    ['Corp.Example.=10.0.0.1', { zone: 'corp.example.', address: '10.0.0.1', port: 53 }],
    ['corp=[fe80::1%eth0]:54', { zone: 'corp.', address: 'fe80::1%eth0', port: 54 }],
  ])('%s', (text, upstream) => expect(parseUpstream(text)).toEqual(upstream));

  test.each(['', 'dns.example', '10.0.0.256', '10.0.0.1:0', '10.0.0.1:65536', '[10.0.0.1]:53', 'a..b=10.0.0.1', '=x'])(
    'not %j',
    text => expect(() => parseUpstream(text)).toThrow(expect.objectContaining({ code: 'SWB_USAGE' })),
  );
});

class Waiting {
  readonly all: ForwardEvent[] = [];
  #wake: () => void = () => undefined;

  add(event: ForwardEvent): void {
    this.all.push(event);
    this.#wake();
  }

  async count(count: number): Promise<void> {
    while (this.all.length < count) {
      await new Promise<void>(done => {
        this.#wake = done;
      });
    }
  }
}
