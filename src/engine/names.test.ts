import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { containerLabels, containerName, objectName, ownerOf, roleOf, specHash } from './names.ts';

const role = { namespace: 'shop', pod: 'web-0', container: 'app', attempt: 2 };

describe('names of objects in an engine', () => {
  it('are readable', () => {
    expect(containerName('0123456789abcdef', role)).toBe('swb-012345-shop-web-0-app-2');
    expect(objectName('0123456789abcdef', ['shop', 'data'])).toBe('swb-012345-shop-data');
  });

  it('are valid for every engine, and differ for different objects that have to be cut', () => {
    const part = fc.string({ minLength: 0, maxLength: 80, unit: 'grapheme' });
    fc.assert(
      fc.property(part, fc.array(part, { minLength: 1, maxLength: 4 }), (project, parts) => {
        const name = objectName(project, parts);
        expect(name).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/);
        expect(name.length).toBeLessThanOrEqual(63);
      }),
    );
    const long = 'a'.repeat(100);
    expect(objectName('p', [`${long}1`])).not.toBe(objectName('p', [`${long}2`]));
    expect(objectName('p', ['ü'])).not.toBe(objectName('p', ['ö']));
  });
});

describe('labels', () => {
  const owner = { project: 'p', session: 's', owner: '12:345@boot' };
  const full = { ...role, uid: 'u', spec: 'h' };

  it('are read as they were written', () => {
    const labels = containerLabels(owner, full);
    expect(Object.keys(labels).every(name => name.startsWith('dev.switchboard.'))).toBe(true);
    expect(ownerOf(labels)).toEqual(owner);
    expect(roleOf(labels)).toEqual(full);
  });

  it('of other programs are not taken for those of Switchboard', () => {
    expect(ownerOf({ 'com.docker.compose.project': 'p' })).toBeUndefined();
    expect(roleOf({ ...containerLabels(owner, full), 'dev.switchboard.attempt': 'x' })).toBeUndefined();
  });
});

describe('the hash of a configuration', () => {
  it('is the same for equal configurations and depends on the key', () => {
    const [key, other] = [Buffer.from('key'), Buffer.from('other')];
    expect(specHash(key, { a: 1, b: { c: 2, d: [3] } })).toBe(specHash(key, { b: { d: [3], c: 2 }, a: 1 }));
    expect(specHash(key, { a: 1 })).not.toBe(specHash(key, { a: 2 }));
    expect(specHash(key, { a: 1 })).not.toBe(specHash(other, { a: 1 }));
  });
});
