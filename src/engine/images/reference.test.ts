import { describe, expect, it } from 'vitest';
import { parseReference, referenceText } from './reference.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('a reference of an image', () => {
  it.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.29', 'docker.io/library/nginx:1.29'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx', 'docker.io/library/nginx:latest'],
    ['ghcr.io/a/b/c:v1', 'ghcr.io/a/b/c:v1'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry:5000/app:2', 'registry:5000/app:2'],
    ['[::1]:5000/app', '[::1]:5000/app:latest'],
    [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
    [`quay.io/a/b:1@${DIGEST}`, `quay.io/a/b:1@${DIGEST}`],
  ])('%s means %s', (text, expected) => {
    const reference = parseReference(text);
    expect(reference === undefined ? undefined : referenceText(reference)).toBe(expected);
  });

  it.each([
    '',
    'Nginx',
    'nginx:',
    'nginx:a b',
    'a//b',
    '/nginx',
    'nginx/',
    'nginx@sha256:abc',
    'a:b:c',
    '-a',
    'http://a/b',
    `${'a'.repeat(256)}`,
  ])('"%s" is invalid', text => {
    expect(parseReference(text)).toBeUndefined();
  });
});
