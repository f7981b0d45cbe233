import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endpointText, parseEndpoint } from '../api/endpoint.ts';
import { sshArguments } from '../api/ssh-agent.ts';
import { type FindContext, knownCandidates, namedCandidate } from './candidates.ts';

describe('the endpoint of an engine', () => {
  it.each([
    ['unix:///var/run/docker.sock', 'unix:///var/run/docker.sock'],
    ['npipe:////./pipe/docker_engine', 'npipe:////./pipe/docker_engine'],
    ['tcp://10.0.0.1', 'tcp://10.0.0.1:2375'],
    ['tcp://10.0.0.1:2376', 'tcp://10.0.0.1:2376'],
    ['tcp://h:80', 'tcp://h:80'],
    ['10.0.0.1:2375', 'tcp://10.0.0.1:2375'],
    ['https://h', 'tcp://h:2376'],
    ['tcp://[::1]:2375', 'tcp://[::1]:2375'],
    ['ssh://ada@host:22', 'ssh://ada@host:22'],
  ])('%s is read', (text, expected) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint === undefined ? undefined : endpointText(endpoint)).toBe(expected);
  });

  it.each(['', 'unix://', 'ftp://h', 'tcp://', 'ssh://'])('"%s" is refused', text => {
    expect(parseEndpoint(text)).toBeUndefined();
  });

  it('by ssh never lets a host be an option', () => {
    expect(sshArguments('ssh://ada@host:2222')).toEqual([
      '-l',
      'ada',
      '-p',
      '2222',
      '-o',
      'ConnectTimeout=30',
      '-T',
      '--',
      'host',
    ]);
  });
});

describe('the engine that the user has named', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'swb-find-'));
    mkdirSync(join(home, '.docker'));
  });
  afterEach(() => rmSync(home, { recursive: true }));
  const context = (env: NodeJS.ProcessEnv = {}): FindContext => ({ env, home, platform: 'linux', uid: 1000 });
  const makeContext = (name: string, host: string): void => {
    const folder = join(home, '.docker/contexts/meta', createHash('sha256').update(name).digest('hex'));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'meta.json'), JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }));
  };
  const named = async (host: string | undefined, env: NodeJS.ProcessEnv = {}): Promise<string | undefined> => {
    const candidate = await namedCandidate(host, context(env));
    return candidate && `${candidate.source}: ${endpointText(candidate.endpoint)}`;
  };

  it('is that of --host, DOCKER_HOST, DOCKER_CONTEXT, the current context, in this order', async () => {
    makeContext('colima', 'unix:///colima.sock');
    makeContext('other', 'unix:///other.sock');
    expect(await named(undefined)).toBeUndefined();
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'colima' }));
    expect(await named(undefined)).toBe('context "colima": unix:///colima.sock');
    expect(await named(undefined, { DOCKER_CONTEXT: 'other' })).toBe('DOCKER_CONTEXT "other": unix:///other.sock');
    expect(await named(undefined, { DOCKER_CONTEXT: 'default' })).toBeUndefined();
    const env = { DOCKER_CONTEXT: 'other', DOCKER_HOST: 'unix:///env.sock' };
    expect(await named(undefined, env)).toBe('DOCKER_HOST: unix:///env.sock');
    expect(await named('unix:///flag.sock', env)).toBe('--host: unix:///flag.sock');
    expect(await named(undefined, { DOCKER_CONFIG: join(home, 'empty') })).toBeUndefined();
  });

  it('is refused with what named it', async () => {
    await expect(named('ftp://x')).rejects.toThrow('--host is "ftp://x", expected unix:///PATH');
    await expect(named(undefined, { DOCKER_CONTEXT: 'gone' })).rejects.toThrow(
      'DOCKER_CONTEXT names the context "gone"',
    );
    writeFileSync(join(home, '.docker/config.json'), JSON.stringify({ currentContext: 'gone' }));
    await expect(named(undefined)).rejects.toThrow('docker context use names the context "gone", which does not exist');
  });

  it('has the certificates that DOCKER_TLS_VERIFY and DOCKER_CERT_PATH demand', async () => {
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) writeFileSync(join(home, name), name);
    const env = { DOCKER_HOST: 'tcp://h', DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: home };
    expect(await namedCandidate(undefined, context(env))).toMatchObject({
      endpoint: { port: 2376, tls: { skipVerify: false, ca: Buffer.from('ca.pem'), key: Buffer.from('key.pem') } },
    });
  });
});

describe('the known sockets', () => {
  it('are tried in order, each once', () => {
    const env = { XDG_RUNTIME_DIR: '/run/user/1000' };
    const all = knownCandidates({ env, home: '/home/ada', platform: 'linux', uid: 1000 });
    expect(all.map(({ endpoint }) => endpointText(endpoint))).toEqual([
      'unix:///var/run/docker.sock',
      'unix:///run/user/1000/docker.sock',
      'unix:///home/ada/.docker/run/docker.sock',
      'unix:///home/ada/.docker/desktop/docker.sock',
      'unix:///home/ada/.colima/default/docker.sock',
      'unix:///home/ada/.orbstack/run/docker.sock',
      'unix:///home/ada/.rd/docker.sock',
      'unix:///run/user/1000/podman/podman.sock',
      'unix:///run/podman/podman.sock',
    ]);
    const windows = knownCandidates({ env: {}, home: 'C:\\Users\\ada', platform: 'win32', uid: undefined });
    expect(windows.every(({ endpoint }) => endpointText(endpoint).startsWith('npipe:////./pipe/'))).toBe(true);
  });
});
