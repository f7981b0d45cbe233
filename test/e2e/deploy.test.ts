/** Checks deploy/ against the program's own output. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadAll } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { dashboard } from '../../scripts/dashboard.ts';
import { buildProgram } from '../../src/cli/program.ts';
import { readNodeConfig } from '../../src/node/index.ts';
import { Metrics } from '../../src/node/metrics.ts';
import { Progress } from '../../src/node/progress.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const switchboard = (...argv: string[]) =>
  execFileSync(process.execPath, [join(ROOT, 'src/cli/main.ts'), ...argv], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });

describe('deploy/', () => {
  test.each(['manifests', 'monitoring'])('%s: every file is YAML, and every object has a kind and a name', folder => {
    for (const file of readdirSync(join(ROOT, 'deploy', folder)).filter(name => name.endsWith('.yaml'))) {
      for (const object of loadAll(read(`deploy/${folder}/${file}`))) {
        expect(object, file).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) });
      }
    }
  });

  test('has no lint finding', () => {
    expect(switchboard('lint', '-o', 'json', join(ROOT, 'deploy/manifests'))).toMatch(/"items": \[\]/);
  });

  test('has the roles that `switchboard rbac node` prints', () => {
    const printed = switchboard('rbac', 'node', '--service-account', 'kube-system/switchboard');
    expect(read('deploy/manifests/rbac.yaml').replace(/^#.*\n/, '')).toBe(printed);
  });

  test('has a configuration that the agent accepts without notes', () => {
    const text = /config\.conf: \|\n((?: {4}.*\n)+)/.exec(read('deploy/manifests/configmap.yaml'))?.[1];
    const config = readNodeConfig(text?.replace(/^ {4}/gm, ''));
    expect(config).toMatchObject({ warnings: [], metrics: { address: '0.0.0.0', port: 10_249 } });
  });

  test('has a DaemonSet with existing flags and two capabilities', () => {
    const text = read('deploy/manifests/daemonset.yaml');
    const node = buildProgram().commands.find(command => command.name() === 'node');
    const known = new Set(node?.options.map(option => option.long));
    const flags = [...text.matchAll(/(--[a-z-]+)/g)].map(match => match[1]);
    expect(flags.length).toBeGreaterThan(1);
    for (const flag of flags) expect(known, flag).toContain(flag);
    expect(text).toContain('add: [NET_ADMIN, NET_BIND_SERVICE]');
  });

  test.each(['alerts.yaml', 'dashboard.json'])('%s uses existing metrics', async file => {
    const metrics = await new Metrics(new Progress(), () => []).registry.metrics();
    const names = read(`deploy/monitoring/${file}`).match(/(kubeproxy|switchboard)_[a-z_]+/g) ?? [];
    expect(names.length).toBeGreaterThan(3);
    for (const name of new Set(names)) expect(metrics, name).toContain(name.replace(/_bucket$/, ''));
  });

  test('has the dashboard that its script prints', () => {
    expect(read('deploy/monitoring/dashboard.json')).toBe(dashboard());
  });
});
