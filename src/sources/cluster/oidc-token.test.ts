import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Certificate, selfSigned } from '../../../testing/certificate.ts';
import { commandsMissing, titled } from '../../../testing/requirements.ts';
import { chooseCluster } from './kubeconfig.ts';
import { OidcToken } from './oidc-token.ts';

const HOUR_S = 3_600;
const now = (): number => Math.floor(Date.now() / 1_000);

function idToken(subject: string, expires: number): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [part({ alg: 'none' }), part({ sub: subject, exp: expires }), 'signature'].join('.');
}

test('uses the ID token of the kubeconfig until it expires', async () => {
  const token = idToken('jane', now() + HOUR_S);
  expect(await new OidcToken({ 'id-token': token }).token()).toBe(token);
});

test.each(['idp-issuer-url', 'client-id', 'refresh-token'])('names %s if it is missing for a refresh', async field => {
  const config: Record<string, string> = {
    'id-token': idToken('jane', now() - 1),
    'idp-issuer-url': 'https://127.0.0.1:1',
    'client-id': 'kubectl',
    'refresh-token': 'r1',
  };
  delete config[field];
  await expect(new OidcToken(config).token()).rejects.toThrow(
    `has expired, and the auth-provider oidc has no ${field}`,
  );
});

test('says that there is no ID token if there is none, rather than that it has expired', async () => {
  await expect(new OidcToken({}).token()).rejects.toThrow(
    'there is no ID token (id-token), and the auth-provider oidc has no idp-issuer-url to get one',
  );
});

test('names an issuer that cannot be reached', async () => {
  const config = { 'client-id': 'kubectl', 'refresh-token': 'r1' };
  const token = (issuer: string) => new OidcToken({ ...config, 'idp-issuer-url': issuer }).token();
  await expect(token('https://127.0.0.1:1')).rejects.toThrow(
    /cannot get an ID token from https:\/\/127\.0\.0\.1:1\/.*ECONNREFUSED/,
  );
  const unreadable = { ...config, 'idp-issuer-url': 'https://127.0.0.1:1', 'idp-certificate-authority': '/no/ca' };
  await expect(new OidcToken(unreadable).token()).rejects.toThrow(
    "the issuer's certificate authority /no/ca cannot be read: ENOENT",
  );
  await expect(token('garbage')).rejects.toThrow(
    'garbage/.well-known/openid-configuration is not a URL that starts with',
  );
});

const missing = commandsMissing('openssl');

describe.skipIf(missing !== undefined)(titled('an issuer', missing), () => {
  let certificate: Certificate;
  let server: Server;
  let issuer: string;
  let forms: { auth: string | undefined; form: Record<string, string> }[];
  let answer: (form: Record<string, string>, auth: string | undefined) => { status: number; body: unknown };

  beforeAll(async () => {
    certificate = await selfSigned('localhost');
    server = createServer(certificate, async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const auth = request.headers.authorization;
      const { status, body } =
        request.url === '/.well-known/openid-configuration'
          ? { status: 200, body: { token_endpoint: `${issuer}/token` } }
          : take(Object.fromEntries(new URLSearchParams(text)), auth);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    const take = (form: Record<string, string>, auth: string | undefined) => {
      forms.push({ auth, form });
      return answer(form, auth);
    };
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    issuer = `https://localhost:${typeof address === 'object' ? address?.port : 0}`;
  });
  afterAll(() => server.close());
  beforeEach(() => {
    forms = [];
    answer = ({ refresh_token: old = '' }) => ({
      status: 200,
      body: { id_token: idToken('jane', now() + (old === 'r1' ? 1 : HOUR_S)), refresh_token: `${old}-next` },
    });
  });

  const config = (more: Readonly<Record<string, string>> = {}) => ({
    'id-token': idToken('jane', now() - 1),
    'idp-issuer-url': issuer,
    'idp-certificate-authority-data': certificate.cert.toString('base64'),
    'client-id': 'kubectl',
    'refresh-token': 'r1',
    ...more,
  });

  test('gives a token for the refresh token, and the next one for the token that came with it', async () => {
    const provider = new OidcToken(config());
    await provider.token();
    await provider.token();
    await provider.token();
    expect(forms.map(({ form }) => form.refresh_token)).toEqual(['r1', 'r1-next']);
    expect(forms[0]).toEqual({
      auth: undefined,
      form: { grant_type: 'refresh_token', refresh_token: 'r1', client_id: 'kubectl' },
    });
  });

  describe('that rotates refresh tokens', () => {
    let accepted: string;
    beforeEach(() => {
      accepted = 'r1';
      answer = ({ refresh_token: sent = '' }) => {
        if (sent !== accepted) return { status: 400, body: { error: 'invalid_grant' } };
        accepted = `${sent}-next`;
        // Each token has expired at once, so that each request needs another one.
        return { status: 200, body: { id_token: idToken('jane', now() + 1), refresh_token: accepted } };
      };
    });

    test('accepts the token that it returned last, after a 401 and from every reader of the kubeconfig', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'switchboard-oidc-'));
      const kubeconfig = join(folder, 'config');
      const write = (more: Readonly<Record<string, string>> = {}) =>
        writeFile(
          kubeconfig,
          JSON.stringify({
            clusters: [{ name: 'c', cluster: { server: 'https://192.0.2.1:6443' } }],
            users: [{ name: 'u', user: { 'auth-provider': { name: 'oidc', config: config(more) } } }],
            contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
            'current-context': 'x',
          }),
        );
      try {
        await write({ 'id-token': idToken('rotates', now() - 1) });
        for (let reader = 0; reader < 3; reader += 1) await (await chooseCluster({ kubeconfig })).credentials.options();
        expect(forms.map(({ form }) => form.refresh_token)).toEqual(['r1', 'r1-next', 'r1-next-next']);
        // The user has logged in again.
        accepted = 'r9';
        await write({ 'refresh-token': 'r9' });
        await (await chooseCluster({ kubeconfig })).credentials.options();
        expect(forms.at(-1)?.form.refresh_token).toBe('r9');
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    test('gets one request for several that need a token at the same time', async () => {
      const provider = new OidcToken(config());
      const tokens = await Promise.all([provider.token(), provider.token(), provider.token()]);
      expect(forms).toHaveLength(1);
      expect(new Set(tokens).size).toBe(1);
    });
  });

  test('gets the client secret in the header, or in the form if it does not take that', async () => {
    answer = (_form, auth) =>
      auth === undefined
        ? { status: 200, body: { id_token: idToken('jane', now() + HOUR_S) } }
        : { status: 401, body: { error: 'invalid_client' } };
    await new OidcToken(config({ 'client-secret': 's' })).token();
    expect(forms.map(({ auth, form }) => auth ?? form.client_secret)).toEqual([
      `Basic ${Buffer.from('kubectl:s').toString('base64')}`,
      's',
    ]);
  });

  test('that rejects the request is reported with its reason', async () => {
    answer = () => ({ status: 400, body: { error: 'invalid_grant', error_description: 'the session has ended' } });
    await expect(new OidcToken(config()).token()).rejects.toThrow(
      `${issuer} returned no id_token for the refresh token: the session has ended`,
    );
  });
});
