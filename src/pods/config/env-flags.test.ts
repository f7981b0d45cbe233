import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objects } from '../../../test/support/objects.ts';
import { EnvOverrides, parseEnvFile, parseEnvFileFlag, parseEnvFlag } from './env-flags.ts';

const SHELL = { FROM_SHELL: 'shell' };

describe('--env', () => {
  test.each([
    ['A=1', undefined, { A: '1' }],
    ['web:A=1', 'web', { A: '1' }],
    ['shop/web:A=1', 'shop/web', { A: '1' }],
    ['URL=http://x:80/', undefined, { URL: 'http://x:80/' }],
    ['web:URL=http://x:80/?a=b', 'web', { URL: 'http://x:80/?a=b' }],
    ['url=a:b=c', undefined, { url: 'a:b=c' }],
    ['A=', undefined, { A: '' }],
    ['FROM_SHELL', undefined, { FROM_SHELL: 'shell' }],
    ['web:FROM_SHELL', 'web', { FROM_SHELL: 'shell' }],
  ])('%s', (text, target, values) => {
    expect(parseEnvFlag(text, SHELL)).toMatchObject({ values });
    expect(parseEnvFlag(text, SHELL).target).toBe(target);
  });

  test.each(['=x', 'web:=x', 'A B=x', 'GONE'])('rejects %s', text => {
    expect(() => parseEnvFlag(text, SHELL)).toThrow(expect.objectContaining({ code: 'SWB_USAGE' }));
  });

  test('keeps any value', () => {
    fc.assert(
      fc.property(fc.string(), value => {
        expect(parseEnvFlag(`A=${value}`, {}).values).toEqual({ A: value });
      }),
    );
  });

  test('C4: has no value in its errors and messages', () => {
    expect(parseEnvFlag('web:A=canary', {}).flag).toBe('--env web:A');
    expect(() => parseEnvFile('f', 'ok=1\nno name=canary', {})).toThrow('--env-file f, line 2: write it as NAME=VALUE');
  });
});

test.each([
  ['app.env', undefined, 'app.env'],
  ['web:app.env', 'web', 'app.env'],
  ['shop/web:dir/app.env', 'shop/web', 'dir/app.env'],
  ['./web:1.env', undefined, './web:1.env'],
  ['C:\\app.env', undefined, 'C:\\app.env'],
])('--env-file %s', (text, target, file) => {
  const parsed = parseEnvFileFlag(text);
  expect(parsed.target).toBe(target);
  expect(parsed.file).toBe(file);
});

test('a file has a variable a line, comments, and quotes as Compose reads them', () => {
  const text = '# comment\n\nA=1\r\nexport B="two words"\nC=\'$A\'\nD=a=b\nFROM_SHELL\nGONE\nE=\n';
  const expected = { A: '1', B: 'two words', C: '$A', D: 'a=b', FROM_SHELL: 'shell', E: '' };
  expect(parseEnvFile('f', text, SHELL)).toEqual(expected);
});

test('variables go to the pods of a workload, later flags win, and flags without a pod are named', () => {
  const [pod] = objects(`apiVersion: v1
kind: Pod
metadata:
  name: web-abc-0
  namespace: shop
  ownerReferences: [{ apiVersion: apps/v1, kind: Deployment, name: web, uid: x, controller: true }]
spec: { containers: [{ name: main, image: none }] }
`);
  if (pod?.kind !== 'Pod') throw new Error('no pod');
  const flags = ['A=all', 'web:A=web', 'shop/web:B=1', 'web-abc-0:C=1', 'other:A=x'];
  const overrides = new EnvOverrides(flags.map(text => parseEnvFlag(text, {})));
  expect(overrides.of(pod)).toEqual({ A: 'web', B: '1', C: '1' });
  expect(overrides.unused()).toEqual(['--env other:A']);
});
