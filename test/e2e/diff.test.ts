import { expect, test } from 'vitest';
import { deployment, folder, HELLO, switchboard } from '../support/cli.ts';

const WEB = deployment('web', HELLO, { replicas: 2 });

test('exits with 1 for a change that breaks a port and names it, in every format', async () => {
  await using base = await folder({ 'web.yaml': WEB });
  await using head = await folder({ 'web.yaml': WEB.replace('targetPort: http', 'targetPort: htpp') });
  const table = await switchboard(['diff', base.path, head.path]);
  expect(table.code).toBe(1);
  expect(table.stdout).toMatch(
    /^BREAKS +breaks +default\/web:http +80 \(http\) -> http:8080 +80 \(http\) -> htpp +.*no TCP port called "htpp"/m,
  );
  const markdown = await switchboard(['diff', '-o', 'markdown', base.path, head.path]);
  expect(markdown.stdout).toMatch(/^\*\*1 Service port would break\.\*\*\n\n\| VERDICT/);
  const json = await switchboard(['diff', '-o', 'json', base.path, head.path]);
  expect(JSON.parse(json.stdout)).toMatchObject({ kind: 'ImpactList', items: [{ effect: 'breaks', breaking: true }] });
});

test('exits with 0 for a change that breaks nothing', async () => {
  await using base = await folder({ 'web.yaml': WEB });
  const { code, stdout, stderr } = await switchboard(['diff', base.path, '-'], {
    stdin: WEB.replace('replicas: 2', 'replicas: 3'),
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok +changed .*3 endpoints, had 2/m);
  expect((await switchboard(['diff', base.path, base.path])).stderr).toMatch(/no Service port differs/);
  expect(stderr).toBe('');
});

test('names pods that would run in place of addresses that they do not have', async () => {
  const headless = WEB.replace('spec: {', 'spec: { clusterIP: None,');
  const running = `---
apiVersion: v1
kind: Pod
metadata: { name: real, labels: { app: web } }
spec: { containers: [{ name: c, image: x, ports: [{ name: http, containerPort: 80 }] }] }
status: { phase: Running, podIP: 10.0.0.1, conditions: [{ type: Ready, status: "True" }] }
`;
  const stdin = `${headless}${running}`;
  await using empty = await folder({ 'empty.yaml': '' });
  for (const output of ['table', 'markdown', 'json']) {
    const { stdout } = await switchboard(['diff', '-o', output, empty.path, '-'], { stdin });
    expect(stdout).not.toMatch(/198\.1[89]\.|2001:2::/);
    expect(stdout).toMatch(/clients dial the pods themselves: .*web-\w+-[01]:/);
    expect(stdout).toContain('10.0.0.1');
  }
  const json = JSON.parse((await switchboard(['diff', '-o', 'json', empty.path, '-'], { stdin })).stdout);
  const addresses = json.items[0].after.endpoints.map((endpoint: { address?: string; targetRef: { name: string } }) => [
    endpoint.targetRef.name.replace(/-\w+-/, '-'),
    endpoint.address,
  ]);
  expect(addresses.sort()).toEqual([
    ['real', '10.0.0.1'],
    ['web-0', undefined],
    ['web-1', undefined],
  ]);
});

test('exits with 2 if a side cannot be read', async () => {
  await using base = await folder({ 'web.yaml': WEB });
  expect((await switchboard(['diff', base.path, 'no-such-folder'])).code).toBe(2);
});

test('prints endpointslices as a List that the API and kubectl accept', async () => {
  const stdin = `${WEB}apiVersion: v1\nkind: Pod\nmetadata: { name: a, labels: { app: web } }\nspec: { containers: [{ name: c, image: x, ports: [{ name: http, containerPort: 80 }] }] }\nstatus: { podIP: 10.0.0.1, conditions: [{ type: Ready, status: "True" }] }\n`;
  const { stdout } = await switchboard(['get', 'endpointslices', '-A', '-o', 'json', '-f', '-'], { stdin });
  const list: unknown = JSON.parse(stdout);
  expect(list).toMatchObject({
    apiVersion: 'v1',
    kind: 'List',
    items: [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
        endpoints: [
          {
            addresses: ['10.0.0.1'],
            conditions: { ready: true, serving: true, terminating: false },
            targetRef: { kind: 'Pod', name: 'a' },
          },
        ],
      },
    ],
  });
  // The output is valid input.
  expect((await switchboard(['get', 'routes', '-f', '-'], { stdin: stdout })).code).toBe(0);
});
