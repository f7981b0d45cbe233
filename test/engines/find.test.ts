import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Candidate, Engine } from '../../src/engine/index.ts';
import { type EngineServer, engineKinds, type PodmanServer, startPodman } from '../../testing/engines/index.ts';
import { titled } from '../../testing/requirements.ts';

const kinds = engineKinds();
const missing = kinds.map(kind => kind.missing).find(each => each !== undefined);
const socket = (path: string, source: string): Candidate => ({ source, endpoint: { kind: 'socket', path } });

describe.skipIf(missing !== undefined)(titled('finding an engine', missing), () => {
  let docker: EngineServer;
  let podman: PodmanServer;
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'swb-find-'));
    docker = (await kinds.find(({ name }) => name === 'docker')?.start()) ?? fail();
    podman = await startPodman();
  });
  afterAll(async () => {
    await docker?.[Symbol.asyncDispose]();
    await podman?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes the first that answers and reports the others', async () => {
    const candidates = [
      socket(join(folder, 'absent.sock'), 'Docker'),
      socket(podman.socket, 'Podman of this user'),
      socket(docker.socket, 'Colima'),
    ];
    await using engine = await Engine.open({ candidates, context: docker.context });
    expect(engine).toMatchObject({
      endpoint: `unix://${podman.socket}`,
      source: 'Podman of this user',
      others: [{ endpoint: `unix://${docker.socket}`, source: 'Colima' }],
      facts: { name: 'podman' },
    });
  });

  it('takes the one that DOCKER_HOST names, whatever else answers', async () => {
    const env = { ...docker.context.env, DOCKER_HOST: `unix://${docker.socket}` };
    const candidates = [socket(podman.socket, 'Podman')];
    await using engine = await Engine.open({ candidates, context: { ...docker.context, env } });
    expect(engine).toMatchObject({ source: 'DOCKER_HOST', facts: { name: 'docker' }, others: [] });
  });

  it('does not replace a named one that does not answer', async () => {
    const env = { ...docker.context.env, DOCKER_HOST: `unix://${join(folder, 'absent.sock')}` };
    const candidates = [socket(podman.socket, 'Podman')];
    await expect(Engine.open({ candidates, context: { ...docker.context, env } })).rejects.toMatchObject({
      code: 'SWB_NO_ENGINE',
      message: `no container engine answers at unix://${join(folder, 'absent.sock')} (DOCKER_HOST): it does not exist`,
    });
  });

  it('does not follow DOCKER_HOST of this process when it asks another socket', async () => {
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    try {
      await using engine = await Engine.open({ host: `unix://${docker.socket}`, context: docker.context });
      expect(engine.facts.name).toBe('docker');
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it('reports every place that it has tried, and how to get an engine', async () => {
    const dead = createServer();
    await listening(dead, join(folder, 'dead.sock'));
    const other = createServer(connection => connection.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}'));
    await listening(other, join(folder, 'other.sock'));
    writeFileSync(join(folder, 'file.sock'), '');
    const candidates = ['absent', 'file', 'other'].map(name => socket(join(folder, `${name}.sock`), name));
    const context = { ...docker.context, env: { ...docker.context.env, PATH: folder } };
    const error = await Engine.open({ candidates, context }).catch((thrown: unknown) => thrown);
    dead.close();
    other.close();
    expect(error).toMatchObject({ code: 'SWB_NO_ENGINE' });
    expect(String(error)).toContain(
      [
        'no container engine answers',
        `unix://${folder}/file.sock (file): nothing listens there`,
        `unix://${folder}/other.sock (other): what answers is not a container engine`,
        `not there: unix://${folder}/absent.sock`,
        'start Docker, or: systemctl --user enable --now podman.socket',
      ].join('\n  '),
    );
  });

  it('explains a socket that the user may not use', () => {
    const script = `
      import { Engine } from ${JSON.stringify(join(import.meta.dirname, '../../src/engine/index.ts'))};
      const context = { env: { PATH: '' }, home: '/nonexistent', platform: 'linux', uid: 65534 };
      const candidates = [{ source: 'Docker', endpoint: { kind: 'socket', path: ${JSON.stringify(docker.socket)} } }];
      process.setgroups([]); process.setgid(65534); process.setuid(65534);
      await Engine.open({ candidates, context }).catch(error => console.log(error.message));`;
    chmodSync(join(docker.socket, '..'), 0o755);
    chownSync(docker.socket, 0, 0);
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString();
    expect(printed).toContain('(Docker): permission denied');
    expect(printed).toContain('it is not in the group docker');
    expect(printed).not.toContain('sudo');
  });

  it('reaches a remote engine through the ssh program of the user', () => {
    const relay = join(folder, 'relay.mjs');
    writeFileSync(
      relay,
      `import { connect } from 'node:net';
       if (process.argv.slice(2).join(' ') !== '-l ada -o ConnectTimeout=30 -T -- far.example docker system dial-stdio') process.exit(9);
       const socket = connect(${JSON.stringify(docker.socket)});
       process.stdin.pipe(socket); socket.pipe(process.stdout);`,
    );
    writeFileSync(join(folder, 'ssh'), `#!/bin/sh\nexec ${process.execPath} ${relay} "$@"\n`);
    chmodSync(join(folder, 'ssh'), 0o755);
    const script = `
      import { Engine } from ${JSON.stringify(join(import.meta.dirname, '../../src/engine/index.ts'))};
      const context = { env: {}, home: '/nonexistent', platform: 'linux', uid: 0 };
      await using engine = await Engine.open({ host: 'ssh://ada@far.example', context });
      console.log(engine.facts.name, (await engine.containers.list({ a: 'b' })).length);`;
    const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { env }).toString()).toBe(
      'docker 0\n',
    );
  });

  it('loads the HTTP library only when an engine is opened', () => {
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({ load: (url, context, next) => (url.includes('docker-modem') && console.log('loaded'), next(url, context)) });
      await import(${JSON.stringify(join(import.meta.dirname, '../../src/engine/index.ts'))});
      console.log('imported');`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script]).toString()).toBe('imported\n');
  });

  it('starts Podman as a child where only the program is installed, and ends it', async () => {
    const env = { ...podman.context.env, PATH: `${podman.programFolder}:${process.env.PATH}` };
    const engine = await Engine.open({ candidates: [], context: { ...podman.context, env } });
    expect(engine).toMatchObject({ source: 'podman system service', facts: { name: 'podman' } });
    const pid = engine.servicePid ?? 0;
    expect(pid).toBeGreaterThan(1);
    await engine.close();
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('prints neither registry passwords nor variables of containers, even with DEBUG=*', () => {
    const script = `
      import { Engine } from ${JSON.stringify(join(import.meta.dirname, '../../src/engine/index.ts'))};
      const context = { env: { PATH: '', DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { '127.0.0.1:1': { username: 'ada', password: 'password-marker' } } }) }, home: '/nonexistent', platform: 'linux', uid: 0 };
      await using engine = await Engine.open({ host: ${JSON.stringify(`unix://${docker.socket}`)}, context });
      await engine.images.pull('127.0.0.1:1/a/b:1').catch(error => console.log(error));
      await engine.containers.create({ name: 'x', image: 'absent', env: { A: 'value-marker' }, network: { kind: 'none' } }).catch(error => console.log(error));`;
    const options = { env: { ...process.env, DEBUG: '*' } };
    const printed = execFileSync(
      'sh',
      ['-c', 'exec "$0" "$@" 2>&1', process.execPath, '--input-type=module', '-e', script],
      options,
    ).toString();
    expect(printed).toContain('ErrImagePull');
    expect(printed).not.toContain('marker');
    expect(printed).not.toContain(Buffer.from('password-marker').toString('base64').slice(3, 15));
    expect(printed).not.toContain('X-Registry-Auth');
  });
});

function listening(server: Server, path: string): Promise<void> {
  return new Promise(resolve => server.listen(path, resolve));
}

function fail(): never {
  throw new Error('there is no Docker');
}
