import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chooseCluster } from './kubeconfig.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'switchboard-kubeconfig-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

async function write(name: string, config: unknown): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, typeof config === 'string' ? config : JSON.stringify(config));
  return path;
}

function config(name: string, more: { user?: unknown; cluster?: object; current?: string } = {}): unknown {
  return {
    clusters: [{ name: 'shared', cluster: { server: `https://${name}.example:6443`, ...more.cluster } }],
    users: [{ name: `${name}-user`, user: more.user ?? {} }],
    contexts: [{ name, context: { cluster: 'shared', user: `${name}-user`, namespace: `${name}-ns` } }],
    ...(more.current === undefined ? {} : { 'current-context': more.current }),
  };
}

test('takes the first entry of several files, and ignores missing files', async () => {
  const one = await write('one', config('one'));
  const two = await write('two', config('two', { current: 'two' }));
  const env = { KUBECONFIG: [one, join(directory, 'missing'), two].join(delimiter) };
  const chosen = await chooseCluster({ env });
  expect(chosen).toMatchObject({ name: 'two', namespace: 'two-ns', cluster: { server: 'https://one.example:6443' } });
  expect((await chooseCluster({ env, context: 'one' })).namespace).toBe('one-ns');
});

test('resolves paths relative to the file that contains them', async () => {
  await mkdir(join(directory, 'sub'));
  const cluster = { 'certificate-authority': 'ca.crt' };
  const path = await write('sub/config', config('sub', { user: { tokenFile: 'token' }, cluster, current: 'sub' }));
  expect(await chooseCluster({ kubeconfig: path })).toMatchObject({
    user: { tokenFile: join(directory, 'sub/token') },
    cluster: { caFile: join(directory, 'sub/ca.crt') },
  });
});

test('resolves the path of a plugin relative to the file', async () => {
  const exec = { command: './plugin', env: [{ name: 'A', value: 'b' }] };
  const path = await write('with-plugin', config('it', { user: { exec }, current: 'it' }));
  const { user } = await chooseCluster({ kubeconfig: path });
  expect(user?.exec).toMatchObject({ ...exec, command: join(directory, 'plugin') });
});

test('ignores an incomplete entry that the context does not use', async () => {
  const complete = Object(config('whole', { current: 'whole' }));
  const path = await write('half', {
    ...complete,
    contexts: [...complete.contexts, { name: 'half', context: { cluster: '', user: '', namespace: 'foo' } }],
    clusters: [...complete.clusters, { name: 'empty', cluster: {} }],
  });
  expect((await chooseCluster({ kubeconfig: path })).name).toBe('whole');
  await expect(chooseCluster({ kubeconfig: path, context: 'half' })).rejects.toThrow(
    'there is no context "half" with a cluster',
  );
});

test('rejects a context that names a missing user, in place of anonymous requests', async () => {
  const path = await write('lost', { ...Object(config('it', { current: 'it' })), users: [] });
  await expect(chooseCluster({ kubeconfig: path })).rejects.toThrow('the context "it" names the user "it-user"');
});

test('advises --context only for commands that have it', async () => {
  const kubeconfig = await write('no-current', config('it'));
  await expect(chooseCluster({ kubeconfig })).rejects.toThrow('no current context; pass one with --context: it');
  await expect(chooseCluster({ kubeconfig, hasContextFlag: false })).rejects.toThrow(
    'no current context; set current-context to one of: it',
  );
});

test('names the file that KUBECONFIG names and that does not exist', async () => {
  const env = { KUBECONFIG: join(directory, 'nowhere'), HOME: directory };
  await expect(chooseCluster({ env })).rejects.toThrow(`KUBECONFIG names ${env.KUBECONFIG}, which does not exist`);
  const two = { KUBECONFIG: ['/no/a', '/no/b'].join(delimiter), HOME: directory };
  await expect(chooseCluster({ env: two })).rejects.toThrow('KUBECONFIG names /no/a, /no/b, none of which exists');
});

test('uses the service account in a pod', async () => {
  const env = { HOME: directory, KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  expect(await chooseCluster({ env })).toMatchObject({
    name: 'inClusterContext',
    cluster: { server: 'https://10.96.0.1:443', caFile: '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt' },
    user: { tokenFile: '/var/run/secrets/kubernetes.io/serviceaccount/token' },
  });
  const six = await chooseCluster({ env: { ...env, KUBERNETES_SERVICE_HOST: 'fd00::1' } });
  expect(six.cluster.server).toBe('https://[fd00::1]:443');
});

describe('a request carries', () => {
  async function optionsOf(user: unknown, cluster: object = {}) {
    const path = await write('carries', config('it', { user, cluster, current: 'it' }));
    return (await chooseCluster({ kubeconfig: path })).credentials.options();
  }
  const base64 = (text: string) => Buffer.from(text).toString('base64');

  test('certificates as data', async () => {
    const user = { 'client-certificate-data': base64('cert'), 'client-key-data': base64('key') };
    const cluster = { 'certificate-authority-data': base64('ca'), 'tls-server-name': 'api' };
    expect(await optionsOf(user, cluster)).toEqual({
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
      servername: 'api',
      headers: {},
    });
  });

  test('certificates from files, read for each request', async () => {
    await write('client.crt', 'first');
    const path = await write('renewed', config('it', { user: { 'client-certificate': 'client.crt' }, current: 'it' }));
    const { credentials } = await chooseCluster({ kubeconfig: path });
    expect((await credentials.options()).cert).toEqual(Buffer.from('first'));
    await write('client.crt', 'second');
    expect((await credentials.options()).cert).toEqual(Buffer.from('second'));
  });

  test.each([
    { name: 'a token', user: { token: 'abc' }, headers: { Authorization: 'Bearer abc' } },
    {
      name: 'somebody else’s name, groups and uid',
      user: { as: 'jane', 'as-groups': ['a', 'b'], 'as-uid': '7' },
      headers: { 'Impersonate-User': 'jane', 'Impersonate-Group': ['a', 'b'], 'Impersonate-Uid': '7' },
    },
  ])('$name', async ({ user, headers }) => {
    expect(await optionsOf(user)).toEqual({ headers });
  });

  test('a name and a password', async () => {
    expect(await optionsOf({ username: 'jane', password: 'secret' })).toMatchObject({ auth: 'jane:secret' });
  });

  test('no certificate verification if it is switched off', async () => {
    expect(await optionsOf({}, { 'insecure-skip-tls-verify': true })).toMatchObject({ rejectUnauthorized: false });
  });

  test('the token of a token file rather than the token, read for each request', async () => {
    await write('token', ' one \n');
    const path = await write('rotated', config('it', { user: { token: 'old', tokenFile: 'token' }, current: 'it' }));
    const { credentials } = await chooseCluster({ kubeconfig: path });
    expect((await credentials.options()).headers).toEqual({ Authorization: 'Bearer one' });
    await write('token', 'two');
    expect((await credentials.options()).headers).toEqual({ Authorization: 'Bearer two' });
  });

  test('rejects an auth-provider that kubectl removed', async () => {
    await expect(optionsOf({ 'auth-provider': { name: 'gcp' } })).rejects.toMatchObject({
      reason: 'no-credentials',
      message: expect.stringContaining('the auth-provider "gcp" was removed from kubectl 1.26'),
    });
  });

  test('reports a missing certificate file', async () => {
    await expect(optionsOf({ 'client-key': 'missing.key' })).rejects.toMatchObject({
      reason: 'no-credentials',
      message: expect.stringMatching(/missing\.key/),
    });
  });
});

describe('rejects a value of another type, as kubectl does, in place of ignoring it', () => {
  const rejects = async (content: string, message: string) => {
    const kubeconfig = await write('typed', content);
    await expect(chooseCluster({ kubeconfig })).rejects.toMatchObject({
      code: 'SWB_KUBECONFIG',
      message: `${kubeconfig} is not a kubeconfig: ${message}`,
    });
  };
  const inQuotes = (name: string) => `write it in quotes, as in ${name} "..."`;

  test.each([
    ['token: 12345', `field token is a number: ${inQuotes('token:')}`],
    ['tokenFile: 1', `field tokenFile is a number: ${inQuotes('tokenFile:')}`],
    ['username: 007', `field username is a number: ${inQuotes('username:')}`],
    ['password: 1e3', `field password is a number: ${inQuotes('password:')}`],
    ['password: yes', `field password is a boolean: ${inQuotes('password:')}`],
    ['as: { name: jane }', 'field as is a mapping: write a string'],
    ['as-groups: admins', 'field as-groups is a string: write a list'],
    ['as-groups: [a, 7]', `field as-groups[1] is a number: ${inQuotes('-')}`],
    ['client-key-data: 5', `field client-key-data is a number: ${inQuotes('client-key-data:')}`],
    ['exec: aws', 'field exec is a string: write a mapping, field: value'],
    ['exec: { command: aws, args: [--id, 1] }', `field exec.args[1] is a number: ${inQuotes('-')}`],
    [
      'exec: { command: aws, env: [{ name: A, value: 1 }] }',
      `field exec.env[0].value is a number: ${inQuotes('value:')}`,
    ],
    [
      'exec: { command: aws, provideClusterInfo: "true" }',
      'field exec.provideClusterInfo is a string: write true or false, without quotes',
    ],
    [
      'auth-provider: { name: oidc, config: { client-id: 42 } }',
      `field auth-provider.config.client-id is a number: ${inQuotes('client-id:')}`,
    ],
  ])('of a user: %s', async (field, message) => {
    await rejects(`users: [{ name: jane, user: { ${field} } }]`, `user "jane", ${message}`);
  });

  test.each([
    ['users: [{ name: 5 }]', `users[0], field name is a number: ${inQuotes('name:')}`],
    ['users: [{ name: jane, user: 5 }]', 'user "jane" is a number: write a mapping, field: value'],
    ['users: jane', 'field users is a string: write a list'],
    ['current-context: 1', `field current-context is a number: ${inQuotes('current-context:')}`],
    [
      'contexts: [{ name: x, context: { cluster: c, namespace: 12 } }]',
      `context "x", field namespace is a number: ${inQuotes('namespace:')}`,
    ],
    [
      'clusters: [{ name: c, cluster: { insecure-skip-tls-verify: "yes" } }]',
      'cluster "c", field insecure-skip-tls-verify is a string: write true or false, without quotes',
    ],
  ])('elsewhere: %s', async (content, message) => {
    await rejects(content, message);
  });

  test('but accepts null, and dates, which are strings for kubectl', async () => {
    const path = await write('null', config('it', { user: { token: null, as: null, exec: null }, current: 'it' }));
    expect((await chooseCluster({ kubeconfig: path })).user?.token).toBeUndefined();
    await rejects(
      'users: [{ name: jane, user: { token: 2026-01-01, username: 1 } }]',
      `user "jane", field username is a number: ${inQuotes('username:')}`,
    );
  });
});

test.each([
  ['nothing at all', undefined, 'SWB_KUBECONFIG', /no cluster is configured/],
  ['no current context', config('none'), 'SWB_KUBECONFIG', /no current context; pass one with --context: none/],
  ['a current context that does not exist', config('x', { current: 'y' }), 'SWB_KUBECONFIG', /no context "y"/],
  ['text that is not YAML', '{', 'SWB_KUBECONFIG', /is not a kubeconfig/],
  ['an empty file', '', 'SWB_KUBECONFIG', /no current context; it has no contexts: write one/],
  ['YAML that is not a mapping', '- 1', 'SWB_KUBECONFIG', /is not a kubeconfig: the file is a list: write a mapping/],
])('reports %s', async (_name, content, code, message) => {
  const kubeconfig = content === undefined ? undefined : await write('bad', content);
  const choosing = chooseCluster({ kubeconfig, env: { HOME: join(directory, 'nowhere') } });
  await expect(choosing).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});
