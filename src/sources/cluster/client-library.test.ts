/** Compares the readers of kubeconfigs and credentials with those of the Kubernetes client library. */
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Credentials } from './credentials.ts';
import { parseKubeconfig } from './kubeconfig-file.ts';

const RUNS = Number(process.env.SWITCHBOARD_PROPERTY_RUNS ?? 300);
const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const base64 = fc.string({ maxLength: 12 }).map(text => Buffer.from(`x${text}`).toString('base64'));
const path = word.map(name => `/etc/${name}.pem`);
const present = <T>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record(shape, { requiredKeys: [] });

const cluster = fc.record(
  {
    server: fc.webUrl({ validSchemes: ['https'] }),
    'certificate-authority': path,
    'certificate-authority-data': base64,
    'insecure-skip-tls-verify': fc.boolean(),
    'tls-server-name': word,
    'proxy-url': word.map(host => `http://${host}:3128`),
  },
  { requiredKeys: ['server'] },
);
const user = present({
  'client-certificate': path,
  'client-certificate-data': base64,
  'client-key': path,
  'client-key-data': base64,
  token: word,
  username: word,
  password: word,
  as: word,
});
const context = fc.record({ cluster: word, user: word, namespace: word }, { requiredKeys: ['cluster'] });
const entries = <T>(key: string, value: fc.Arbitrary<T>) =>
  fc.array(fc.record({ name: word, [key]: value }), { maxLength: 4 });
const file = fc.record({
  clusters: entries('cluster', cluster),
  users: entries('user', user),
  contexts: entries('context', context),
  'current-context': word,
});

/** Drops absent fields, which the two represent differently. */
function withoutAbsent(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, item: unknown) => item ?? undefined));
}

test('reads the same clusters, users and contexts from a kubeconfig', () => {
  fc.assert(
    fc.property(file, config => {
      const text = JSON.stringify(config);
      const library = new KubeConfig();
      library.loadFromString(text);
      const ours = parseKubeconfig(text, '/home/me/.kube/config');
      expect(withoutAbsent(ours.clusters)).toEqual(withoutAbsent(library.clusters));
      expect(withoutAbsent(ours.contexts)).toEqual(withoutAbsent(library.contexts));
      expect(ours.current).toEqual(library.currentContext);
      const users = ours.users.map(({ impersonateGroups, ...rest }) => {
        expect(impersonateGroups).toEqual([]);
        return rest;
      });
      expect(withoutAbsent(users)).toEqual(withoutAbsent(library.users));
    }),
    { numRuns: RUNS },
  );
});

test('gives a request the same TLS options and headers', async () => {
  const inline = user.map(({ 'client-certificate': _certificate, 'client-key': _key, username, ...rest }) => ({
    ...rest,
    // The library sends "undefined" for a missing password.
    ...(username === undefined || rest.password === undefined ? {} : { username }),
  }));
  const withoutFiles = cluster.map(({ 'certificate-authority': _authority, 'proxy-url': _proxy, ...rest }) => rest);
  await fc.assert(
    fc.asyncProperty(withoutFiles, inline, async (itsCluster, itsUser) => {
      const config = {
        clusters: [{ name: 'c', cluster: itsCluster }],
        users: [{ name: 'u', user: itsUser }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'x',
      };
      const text = JSON.stringify(config);
      const library = new KubeConfig();
      library.loadFromString(text);
      const theirs: RequestOptions = {};
      await library.applyToHTTPSOptions(theirs);
      const { clusters, users } = parseKubeconfig(text, '/home/me/.kube/config');
      const [first] = clusters;
      if (first === undefined) throw new Error('no cluster');
      expect(comparable(await new Credentials({ cluster: first, user: users[0] }).options())).toEqual(
        comparable(theirs),
      );
    }),
    { numRuns: RUNS },
  );
});

/** The options to compare. The agent differs, since ours keeps connections alive. */
function comparable({ ca, cert, key, auth, rejectUnauthorized, servername, headers }: RequestOptions): unknown {
  return { ca, cert, key, auth, rejectUnauthorized, servername, headers: { ...headers } };
}
