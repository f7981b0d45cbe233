import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Certificate, selfSigned } from '../../../testing/certificate.ts';
import { commandsMissing, titled } from '../../../testing/requirements.ts';
import { Transport } from './transport.ts';

let directory: string;
let kubeconfig: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchboard-identity-'));
  kubeconfig = join(directory, 'config');
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function open(user: object, cluster: object = {}): Promise<Transport> {
  const config = {
    clusters: [{ name: 'k', cluster: { server: 'https://127.0.0.1:1', ...cluster } }],
    users: [{ name: 'jane', user }],
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'jane' } }],
    'current-context': 'c',
  };
  await writeFile(kubeconfig, JSON.stringify(config));
  return Transport.open({ kubeconfig });
}

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const SECRET = 'hunter2';
const NO_HEADER = 'has a character that an HTTP header cannot carry';

describe('a value that no request can carry is rejected before the first request, with its field', () => {
  test.each<[cluster: object, fault: string]>([
    [{ server: SECRET }, 'field server is not a URL that starts with https:// or http://, such as https://HOST:PORT'],
    [{ server: `ftp://u:${SECRET}@host` }, 'field server is not a URL'],
    [{ server: 'https://127.0.0.1:99999' }, 'field server is not a URL'],
    [{ 'proxy-url': `garbage ${SECRET}` }, 'field proxy-url is not a URL'],
    [{ 'certificate-authority-data': base64(SECRET) }, 'field certificate-authority-data has no certificate in PEM'],
    [
      { 'certificate-authority-data': base64(`-----BEGIN CERTIFICATE-----\n${SECRET}\n-----END CERTIFICATE-----\n`) },
      'field certificate-authority-data has an invalid certificate',
    ],
    [
      { 'certificate-authority': '/no/such/ca.crt' },
      'field certificate-authority: /no/such/ca.crt cannot be read: ENOENT',
    ],
    [{ 'certificate-authority': '/tmp' }, 'field certificate-authority: /tmp cannot be read: EISDIR'],
  ])('of a cluster: %j', async (cluster, fault) => {
    await rejects(open({}, cluster), `cluster "k", ${fault}`);
  });

  test.each<[user: object, fault: string]>([
    [{ token: `${SECRET}\r\nX-Evil: 1` }, `field token ${NO_HEADER}`],
    [{ token: `${SECRET}→` }, `field token ${NO_HEADER}`],
    [{ as: 'jane\n' }, `field as ${NO_HEADER}`],
    [{ 'as-groups': ['a', 'b\n'] }, `field as-groups[1] ${NO_HEADER}`],
    [{ tokenFile: '/no/such/token' }, 'field tokenFile: /no/such/token cannot be read: ENOENT'],
    [{ 'client-certificate-data': base64(SECRET) }, 'field client-certificate-data has no certificate in PEM'],
    [{ 'client-key-data': base64(SECRET) }, 'field client-key-data has no private key in PEM'],
    [{ 'client-key': '/no/such/key' }, 'field client-key: /no/such/key cannot be read: ENOENT'],
    [{ 'auth-provider': { name: 'gcp' } }, 'the auth-provider "gcp" was removed from kubectl 1.26'],
  ])('of a user: %j', async (user, fault) => {
    await rejects(open(user), `user "jane", ${fault}`);
  });

  const missing = commandsMissing('openssl');
  describe.skipIf(missing !== undefined)(titled('of a certificate', missing), () => {
    let [mine, other]: Certificate[] = [];
    beforeAll(async () => {
      [mine, other] = await Promise.all([selfSigned('me'), selfSigned('other')]);
    });
    const data = (bytes: Buffer | undefined) => base64(bytes ?? '');

    test('without its key, or with another one', async () => {
      const certificate = { 'client-certificate-data': data(mine?.cert) };
      await rejects(open(certificate), 'user "jane", field client-key-data is missing: a certificate needs its key');
      const wrong = { ...certificate, 'client-key-data': data(other?.key) };
      await rejects(open(wrong), 'user "jane", field client-key-data has a key of another certificate');
    });

    test('but a valid one is accepted', async () => {
      const user = { 'client-certificate-data': data(mine?.cert), 'client-key-data': data(mine?.key), token: 'abc' };
      const transport = await open(user, { 'certificate-authority-data': data(other?.cert) });
      expect(transport.server).toBe('https://127.0.0.1:1');
    });
  });
});

test('the password of a server is not part of its name in messages', async () => {
  const transport = await open({}, { server: `https://jane:${SECRET}@127.0.0.1:6443/k8s` });
  expect(transport.server).toBe('https://127.0.0.1:6443/k8s');
});

async function rejects(opening: Promise<Transport>, fault: string): Promise<void> {
  const error: unknown = await opening.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'SWB_KUBECONFIG', message: expect.stringContaining(`${kubeconfig}: ${fault}`) });
  expect(String(error)).not.toContain(SECRET);
}
