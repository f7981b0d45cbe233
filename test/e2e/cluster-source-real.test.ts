import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type ClusterRole,
  FEATURES,
  KINDS_OF_FEATURE,
  LINT_RESOURCES,
  rbacFor,
  readRawObjects,
} from '../../src/sources/cluster/index.ts';
import { Followed, namespace, node, SERVICES, service } from '../../testing/api-server/index.ts';
import {
  accountWith,
  type ControlPlane,
  controlPlaneMissing,
  startControlPlane,
} from '../../testing/control-plane/index.ts';
import { type OpenProxy, openHttpProxy, openSocksProxy } from '../../testing/proxies.ts';

const missing = controlPlaneMissing();

describe.skipIf(missing !== undefined)(`a real control plane${missing ? `: ${missing}` : ''}`, () => {
  let api: ControlPlane;
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'switchboard-cluster-source-'));
    api = await startControlPlane();
    await send('POST', '/api/v1/namespaces', namespace('shop'));
    await send('POST', '/api/v1/nodes', node('node-1'));
  }, 120_000);
  afterAll(async () => {
    await api?.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function send(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, json } = await api.request(method, path, body);
    if (status < 200 || status > 299) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(json)}`);
    return json;
  }

  const restart = () => api.restartApiServer();
  const has = (followed: Followed, name: string) => followed.object('Service', `shop/${name}`) !== undefined;

  test('keeps its state through a restart and a compaction, then reports the difference', {
    timeout: 120_000,
  }, async () => {
    for (const name of ['a', 'b']) await send('POST', SERVICES, service({ name }));
    await using followed = await Followed.load({ kubeconfig: api.kubeconfig, kinds: ['Service', 'EndpointSlice'] });
    // Creates revisions that a watch of Services does not see.
    await send('POST', '/api/v1/namespaces', namespace('passing'));
    await api.compact();
    const restarted = restart();
    await followed.until(() => [...followed.source.status.values()].every(({ connected }) => !connected));
    expect(has(followed, 'a') && has(followed, 'b')).toBe(true);
    await restarted;
    await send('DELETE', `${SERVICES}/a`);
    await send('POST', SERVICES, service({ name: 'c' }));
    await followed.until(() => has(followed, 'c') && !has(followed, 'a'));
    await followed.until(() => [...followed.source.status.values()].every(({ connected }) => connected));
    const changes = followed.events.flatMap(event =>
      event.type === 'delete' ? [`-${event.name}`] : [`+${event.object.meta.name}`],
    );
    expect(changes.sort()).toEqual(['+c', '-a']);
    expect(followed.happenedOf('back')).toHaveLength(2);
    expect(
      followed
        .happenedOf('listed')
        .filter(({ kind, why }) => kind === 'Service' && why !== '')
        .map(({ why }) => why),
      'the revision was gone, so the Services were listed again',
    ).toEqual([expect.stringMatching(/too old resource version/)]);
  });

  test.each<[scheme: string, open: () => Promise<OpenProxy>]>([
    ['http', openHttpProxy],
    ['socks5', openSocksProxy],
  ])('reads through the %s proxy that the kubeconfig names', async (scheme, open) => {
    const proxy = await open();
    try {
      const admin = await readFile(api.kubeconfig, 'utf8');
      const kubeconfig = join(directory, `proxied-${scheme}`);
      const named = `"proxy-url": "${scheme}://127.0.0.1:${proxy.port}", "server":`;
      await writeFile(kubeconfig, admin.replace('"server":', named));
      await using followed = await Followed.load({ kubeconfig, kinds: ['Node'] });
      expect(followed.names).toEqual(['Node node-1']);
      expect(proxy.asked).toContain(new URL(followed.source.server).host);
    } finally {
      proxy.close();
    }
  });

  const userWith = (name: string, role: { readonly rules: readonly unknown[] }): Promise<string> =>
    accountWith(api, { namespace: 'shop', name, rules: role.rules });

  const FOLLOWED = ['node', 'dns', 'dns-pods', 'explain', 'get', 'diff'] as const;
  test('covers every feature', () => expect([...FOLLOWED, 'lint'].sort()).toEqual([...FEATURES].sort()));

  test.each(FOLLOWED)('the rules for %s suffice', async feature => {
    const kubeconfig = await userWith(`user-${feature}`, rbacFor([feature]));
    await using followed = await Followed.load({
      kubeconfig,
      kinds: KINDS_OF_FEATURE[feature],
      node: 'node-1',
      follow: feature === 'node' || feature.startsWith('dns'),
    });
    expect(followed.happenedOf('refused')).toEqual([]);
    expect(followed.names).toContain(feature.startsWith('dns') ? 'Namespace shop' : 'Node node-1');
  });

  const needed = FOLLOWED.flatMap(feature =>
    rbacFor([feature]).rules.flatMap(({ resources }) => resources.map(one => [feature, one] as const)),
  );
  test.each(needed)('and all of them are needed: %s without %s', async (feature, resource) => {
    const kubeconfig = await userWith(`user-${feature}-no-${resource}`, without(rbacFor([feature]), resource));
    await using followed = await Followed.start({ kubeconfig, kinds: KINDS_OF_FEATURE[feature] });
    await followed.until(() =>
      followed
        .happenedOf('refused')
        .some(({ why }) => why.startsWith(`${resource}.`) || why.startsWith(`${resource} `)),
    );
    expect(followed.loaded).toBe(false);
  });

  test('the rules for lint suffice, also if the cluster lacks kinds', async () => {
    const kubeconfig = await userWith('user-lint', rbacFor(['lint']));
    const { objects } = await readRawObjects({ kubeconfig, resources: LINT_RESOURCES });
    expect(objects).toContainEqual(
      expect.objectContaining({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: expect.objectContaining({ name: 'node-1' }),
      }),
    );
    expect(objects).toContainEqual(
      expect.objectContaining({ apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService' }),
    );
  });

  test.each(LINT_RESOURCES)('and all of them are needed: lint without $plural', async ({ group, plural }) => {
    const kubeconfig = await userWith(`user-lint-no-${plural}`, without(rbacFor(['lint']), plural));
    const asked = readRawObjects({ kubeconfig, resources: LINT_RESOURCES });
    await expect(asked).rejects.toMatchObject({
      code: 'SWB_CLUSTER_REFUSED',
      message: expect.stringContaining(`${plural}${group === '' ? '' : `.${group}`} is forbidden`),
    });
  });

  test('reports the missing permission to a user that can list but not watch', async () => {
    const kubeconfig = await userWith('only-lists', rbacFor(['get']));
    await using followed = await Followed.start({ kubeconfig, kinds: ['Service'] });
    await followed.until(() => followed.happenedOf('refused').length > 0);
    expect(followed.happenedOf('refused')).toEqual([
      {
        type: 'refused',
        kind: 'Service',
        status: 403,
        why: expect.stringMatching(/^services is forbidden: User "system:serviceaccount:shop:only-lists" cannot watch/),
        fix: 'allow this user to list and watch services in all namespaces; "switchboard rbac" prints the ClusterRole',
      },
    ]);
  });
});

function without(role: ClusterRole, resource: string): ClusterRole {
  const rules = role.rules.map(rule => ({ ...rule, resources: rule.resources.filter(one => one !== resource) }));
  return { ...role, rules: rules.filter(rule => rule.resources.length > 0) };
}
