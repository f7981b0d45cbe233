import { expect, test } from 'vitest';
import { defaultPullPolicy, type ImageReference, parseImage } from './image.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test.each<[string, ImageReference | undefined]>([
  ['nginx', { registry: 'docker.io', repository: 'library/nginx' }],
  ['nginx:1.27', { registry: 'docker.io', repository: 'library/nginx', tag: '1.27' }],
  ['me/app', { registry: 'docker.io', repository: 'me/app' }],
  ['index.docker.io/nginx', { registry: 'docker.io', repository: 'library/nginx' }],
  ['registry:5000/app:2', { registry: 'registry:5000', repository: 'app', tag: '2' }],
  ['localhost/app', { registry: 'localhost', repository: 'app' }],
  ['ghcr.io/a/b/c', { registry: 'ghcr.io', repository: 'a/b/c' }],
  [`nginx:1@${DIGEST}`, { registry: 'docker.io', repository: 'library/nginx', tag: '1', digest: DIGEST }],
  ['', undefined],
  ['Nginx', undefined],
  ['a//b', undefined],
  ['nginx:', undefined],
  ['nginx@sha256:abc', undefined],
  ['a'.repeat(64), undefined],
  ['nginx:1 ', undefined],
])('parses %s', (text, expected) => {
  expect(parseImage(text)).toEqual(expected);
});

test.each([
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1', 'IfNotPresent'],
  [`nginx@${DIGEST}`, 'IfNotPresent'],
  [`nginx:latest@${DIGEST}`, 'Always'],
  ['registry:5000/nginx', 'Always'],
])('pulls %s by default: %s', (image, policy) => {
  expect(defaultPullPolicy(image)).toBe(policy);
});
