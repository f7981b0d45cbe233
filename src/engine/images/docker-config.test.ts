import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseDockerConfigJson } from './credentials.ts';
import { UserCredentials } from './docker-config.ts';
import { type ImageReference, parseReference } from './reference.ts';

describe("the user's credentials", () => {
  let folder: string;
  let warnings: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'swb-credentials-'));
    mkdirSync(join(folder, 'bin'));
    warnings = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const encode = (text: string): string => Buffer.from(text).toString('base64');
  const config = (value: object): void => writeFileSync(join(folder, 'config.json'), JSON.stringify(value));
  /** A helper that notes each question and prints an answer. */
  const helper = (name: string, script: string): void => {
    const path = join(folder, 'bin', `docker-credential-${name}`);
    writeFileSync(path, `#!/bin/sh\nserver=$(cat)\necho "$1 $server" >> ${folder}/asked\n${script}\n`);
    chmodSync(path, 0o755);
  };
  const asked = (): string => (existsSync(join(folder, 'asked')) ? readFileSync(join(folder, 'asked'), 'utf8') : '');
  const credentials = (env: NodeJS.ProcessEnv = {}): UserCredentials =>
    new UserCredentials({
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}`, ...env },
      configFolder: folder,
      warn: message => warnings.push(message),
      helperLimitMs: 5_000,
    });
  const image = (text: string): ImageReference => {
    const reference = parseReference(text);
    if (reference === undefined) throw new TypeError(text);
    return reference;
  };

  it('come from imagePullSecrets, DOCKER_AUTH_CONFIG, and config.json, in this order', async () => {
    config({ auths: { 'a.io': { auth: encode('file:x') }, 'b.io': { auth: encode('file:x') } } });
    const inline = JSON.stringify({ auths: { 'a.io': { auth: encode('inline:x') } } });
    const secret = parseDockerConfigJson(JSON.stringify({ auths: { 'a.io/team': { auth: encode('secret:x') } } }));
    const user = credentials({ DOCKER_AUTH_CONFIG: inline });
    expect(await user.find(image('a.io/team/app'), [secret])).toMatchObject({ username: 'secret' });
    expect(await user.find(image('a.io/other/app'), [secret])).toMatchObject({ username: 'inline' });
    expect(await user.find(image('b.io/app'), [])).toMatchObject({ username: 'file' });
    expect(await user.find(image('c.io/app'), [])).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('come from the helper of the registry, asked once, and from the store of all others', async () => {
    helper('own', `echo '{"ServerURL":"x","Username":"<token>","Secret":"t"}'`);
    helper('store', `echo '{"ServerURL":"x","Username":"ada","Secret":"s"}'`);
    config({ credsStore: 'store', credHelpers: { 'gcr.io': 'own' } });
    const user = credentials();
    const all = await Promise.all(['gcr.io/a', 'gcr.io/b', 'nginx'].map(name => user.find(image(name), [])));
    expect(all).toMatchObject([
      { kind: 'identity-token', token: 't' },
      { kind: 'identity-token', token: 't' },
      { kind: 'password', username: 'ada', password: 's' },
    ]);
    expect(asked().trim().split('\n').sort()).toEqual(['get gcr.io', 'get https://index.docker.io/v1/']);
  });

  it('may be missing in the helper, which is no failure', async () => {
    helper('store', 'echo "credentials not found in native keychain"; exit 1');
    config({ credsStore: 'store' });
    expect(await credentials().find(image('nginx'), [])).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it.each([
    ['that fails', 'echo secret-marker; exit 2', 'exited with 2'],
    ['that prints nonsense', 'echo secret-marker', 'printed no credentials'],
  ])('of a helper %s are left out with a warning', async (_what, script, expected) => {
    helper('store', script);
    config({ credsStore: 'store' });
    expect(await credentials().find(image('nginx'), [])).toBeUndefined();
    expect(warnings).toMatchObject([expect.stringContaining(expected)]);
    expect(warnings.join()).not.toContain('marker');
  });

  it('of a helper that hangs or is missing are left out with a warning', async () => {
    helper('slow', 'exec sleep 1000');
    config({ credHelpers: { 'a.io': 'slow', 'b.io': 'missing', 'c.io': '../../bin/sh' } });
    const user = new UserCredentials({
      env: { PATH: `${join(folder, 'bin')}:${process.env.PATH}` },
      configFolder: folder,
      warn: message => warnings.push(message),
      helperLimitMs: 50,
    });
    for (const name of ['a.io/x', 'b.io/x', 'c.io/x']) expect(await user.find(image(name), [])).toBeUndefined();
    expect(warnings).toMatchObject([
      expect.stringContaining('docker-credential-slow: no answer within 0.05 s'),
      expect.stringContaining('ENOENT'),
      expect.stringContaining('is not the name of a credential helper'),
    ]);
  });

  it('are none without a configuration, and with one that is not JSON', async () => {
    expect(await credentials().find(image('nginx'), [])).toBeUndefined();
    writeFileSync(join(folder, 'config.json'), '{ secret-marker');
    expect(await credentials().find(image('nginx'), [])).toBeUndefined();
    expect(warnings).toEqual([`${join(folder, 'config.json')} is not a JSON object`]);
  });
});
