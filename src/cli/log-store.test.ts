import { expect, test } from 'vitest';
import { objects } from '../../test/support/objects.ts';
import type { Pod } from '../kube/index.ts';
import { type LogEntry, type LogQuery, LogStore } from './log-store.ts';

function pod(name: string, owner?: string): Pod {
  const owners =
    owner === undefined
      ? ''
      : `, ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: ${owner}, uid: u, controller: true }]`;
  const [made] = objects(
    `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name}, namespace: shop${owners} }\nspec: { containers: [{ name: c, image: x }] }\n`,
  );
  if (made?.kind !== 'Pod') throw new Error('no pod');
  return made;
}

const query = (target: string, more: Partial<LogQuery> = {}): LogQuery => ({
  target,
  namespace: undefined,
  container: undefined,
  since: 0,
  ...more,
});
const texts = (entries: readonly LogEntry[]) => entries.map(({ pod: from, text }) => `${from} ${text}`);

test('finds lines by the name of a pod and by that of its workload', () => {
  const store = new LogStore();
  store.add(pod('web-0', 'web'), 'c', 'one');
  store.add(pod('web-1', 'web'), 'c', 'two');
  store.add(pod('db'), 'c', 'three');
  expect(texts(store.read(query('web')))).toEqual(['shop/web-0 one', 'shop/web-1 two']);
  expect(texts(store.read(query('web-1')))).toEqual(['shop/web-1 two']);
  expect(store.knows(query('web', { namespace: 'other' }))).toBe(false);
  expect(store.knows(query('web', { container: 'sidecar' }))).toBe(false);
});

test('keeps the latest lines of a container that never stops printing', () => {
  const store = new LogStore();
  for (let line = 0; line < 6_000; line++) store.add(pod('web'), 'c', String(line));
  const kept = store.read(query('web'));
  expect(kept).toHaveLength(5_000);
  expect(kept.at(-1)?.text).toBe('5999');
});

test('keeps the latest containers only', () => {
  const store = new LogStore();
  for (let number = 0; number < 510; number++) store.add(pod(`web-${number}`), 'c', 'x');
  expect(store.knows(query('web-0'))).toBe(false);
  expect(store.knows(query('web-509'))).toBe(true);
});

test('reports new lines until the reader ends', () => {
  const store = new LogStore();
  const seen: string[] = [];
  const end = store.follow(query('web'), entry => seen.push(entry.text));
  store.add(pod('web'), 'c', 'one');
  store.add(pod('db'), 'c', 'two');
  end();
  store.add(pod('web'), 'c', 'three');
  expect(seen).toEqual(['one']);
});

test('reads from a moment on', () => {
  const store = new LogStore();
  store.add(pod('web'), 'c', 'one');
  expect(store.read(query('web', { since: Date.now() + 1_000 }))).toEqual([]);
});
