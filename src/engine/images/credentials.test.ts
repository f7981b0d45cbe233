import { describe, expect, it } from 'vitest';
import { matchAuth, parseDockerConfigJson, type RegistryAuth, registryAuthHeader } from './credentials.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const entries = (keys: readonly string[]) =>
  parseDockerConfigJson(
    JSON.stringify({
      auths: Object.fromEntries(keys.map(key => [key, { auth: encode(`${key}|user:secret`.replaceAll(':5000', '')) }])),
    }),
  );
const keyOf = (auth: RegistryAuth | undefined): string | undefined => auth?.server;

describe('credentials of a registry', () => {
  it.each([
    ['docker.io', 'library/nginx', ['https://index.docker.io/v1/'], 'https://index.docker.io/v1/'],
    ['docker.io', 'library/nginx', ['docker.io'], 'docker.io'],
    ['ghcr.io', 'a/b', ['ghcr.io', 'ghcr.io/a', 'ghcr.io/a/b'], 'ghcr.io/a/b'],
    ['ghcr.io', 'a/bc', ['ghcr.io', 'ghcr.io/a/b'], 'ghcr.io'],
    ['ghcr.io', 'a/b', ['https://ghcr.io/v2/'], 'https://ghcr.io/v2/'],
    ['ghcr.io', 'a/b', ['evil.io', 'ghcr.io.evil.io', 'cr.io'], undefined],
    ['my.azurecr.io', 'a', ['*.azurecr.io'], '*.azurecr.io'],
    ['a.b.azurecr.io', 'a', ['*.azurecr.io'], undefined],
    ['localhost:5000', 'a', ['localhost', 'localhost:5001'], undefined],
    ['localhost:5000', 'a', ['localhost:5000'], 'localhost:5000'],
  ])('%s/%s takes of %j: %s', (registry, repository, keys, expected) => {
    expect(keyOf(matchAuth(entries(keys), registry, repository))).toBe(expected);
  });

  it('are cut at the first colon, and may be a token', () => {
    const text = JSON.stringify({
      auths: {
        'a.io': { auth: encode('ada:pass:word') },
        'b.io': { auth: encode('<token>:x'), identitytoken: 'token' },
        'c.io': { username: 'ada', password: 'secret' },
        'd.io': { auth: 'not base64 of a pair' },
        'e.io': {},
      },
    });
    const parsed = parseDockerConfigJson(text);
    expect(parsed.get('a.io')).toMatchObject({ kind: 'password', username: 'ada', password: 'pass:word' });
    expect(parsed.get('b.io')).toEqual({ kind: 'identity-token', token: 'token', server: 'b.io' });
    expect(parsed.get('c.io')).toMatchObject({ username: 'ada', password: 'secret' });
    expect([...parsed.keys()]).toEqual(['a.io', 'b.io', 'c.io']);
  });

  it('may be a map without auths, as in kubernetes.io/dockercfg', () => {
    expect([...parseDockerConfigJson(JSON.stringify({ 'a.io': { auth: encode('a:b') } })).keys()]).toEqual(['a.io']);
    expect(parseDockerConfigJson('nonsense').size).toBe(0);
  });

  it('are a header in the alphabet that Go decodes', () => {
    const auth = { kind: 'password', username: 'ada', password: '???>>>~~~', server: 'a.io' } as const;
    const header = registryAuthHeader(auth);
    expect(header).toMatch(/^[A-Za-z0-9_-]+=*$/);
    expect(header.length % 4).toBe(0);
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
      username: 'ada',
      password: '???>>>~~~',
      serveraddress: 'a.io',
    });
  });
});
