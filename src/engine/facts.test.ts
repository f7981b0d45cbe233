import { describe, expect, it } from 'vitest';
import { factsFrom, negotiate } from './facts.ts';

describe('the version of the API', () => {
  it.each([
    ['Docker 20.10', '1.41', '1.12', '1.41'],
    ['Docker 29.0', '1.52', '1.44', '1.52'],
    ['a later Docker', '1.60', '1.44', '1.52'],
    ['Podman', '1.41', '1.24', '1.41'],
    ['an engine that states no oldest', '1.43', '', '1.43'],
  ])('is agreed on with %s', (_name, newest, oldest, expected) => {
    expect(negotiate(newest, oldest)).toBe(expected);
  });

  it('names both sides where there is none', () => {
    expect(() => negotiate('1.40', '1.12')).toThrow('it speaks API 1.40, Switchboard needs 1.41 or later');
    expect(() => negotiate('1.70', '1.60')).toThrow('it needs API 1.60 or later, Switchboard speaks up to 1.52');
  });
});

describe('the facts of an engine', () => {
  it('tell a rootless one, and its architecture as images name it', () => {
    const info = {
      OSType: 'linux',
      Architecture: 'aarch64',
      NCPU: 4,
      MemTotal: 8,
      ServerVersion: '27.0',
      SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
      Warnings: ['WARNING: No memory limit support'],
    };
    expect(factsFrom(info, 'docker', '1.46')).toEqual({
      name: 'docker',
      version: '27.0',
      apiVersion: '1.46',
      rootless: true,
      cpus: 4,
      memoryBytes: 8,
      architecture: 'arm64',
      warnings: ['No memory limit support'],
    });
  });

  it('refuse Windows containers', () => {
    expect(() => factsFrom({ OSType: 'windows' }, 'docker', '1.46')).toThrow('switch it to Linux containers');
  });
});
