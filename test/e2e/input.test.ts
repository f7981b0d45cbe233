import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, serviceTo, switchboard, up } from '../support/cli.ts';

const WEB = serviceTo('web', 8099, 8080);

describe('rejects invalid input with exit code 2, the position and a fix:', () => {
  const cases: [name: string, text: string, pattern: RegExp][] = [
    ['unparsable YAML', 'a: [1, 2\nb: }', /stdin:\d+:\d+ {2}/],
    ['unparsable JSON', '{"apiVersion": "v1", "kind": ', /stdin:\d+:\d+ {2}/],
    ['a duplicate key', 'apiVersion: v1\nkind: Service\nkind: Pod\n', /stdin:3:1 {2}duplicated mapping key/],
    ['a document that is not an object', '- 1\n- 2\n', /stdin:1:1.*list/],
    [
      'a port that is text',
      WEB.replace('port: 8099', 'port: http'),
      /stdin:4:\d+ {2}Service default\/web {2}spec\.ports\[0\]\.port {2}/,
    ],
    ['a port out of range', WEB.replace('port: 8099', 'port: 99999'), /spec\.ports\[0\]\.port.*99999/],
    ['no name', WEB.replace('metadata: { name: web }', 'metadata: {}'), /Service \(no name\) {2}metadata\.name/],
    [
      'an alias bomb',
      [
        'a: &a [x, x, x, x, x, x, x, x, x]',
        ...['b', 'c', 'd', 'e', 'f', 'g', 'h'].map(
          (name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(', ')}]`,
        ),
      ].join('\n'),
      /aliases.*expand to more than/,
    ],
  ];
  test.each(cases)('%s', async (_name, stdin, pattern) => {
    for (const command of [['get', 'routes'], ['up']]) {
      const { code, stdout, stderr } = await switchboard([...command, '-f', '-'], { stdin });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(pattern);
      expect(stderr).not.toMatch(/\n\s+at /);
    }
  });

  test('a path that does not exist', async () => {
    const { code, stderr } = await switchboard(['get', 'routes', '-f', 'no-such-folder']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no-such-folder: there is no such file or folder \(SWB_INPUT_NOT_FOUND\)/);
  });

  test.skipIf(process.getuid?.() !== 0)('a file without read permission', async () => {
    await using dir = await folder({ 'web.yaml': WEB });
    await chmod(dir.path, 0o755);
    await chmod(join(dir.path, 'web.yaml'), 0o600);
    const { code, stderr } = await switchboard(['get', 'routes', '-f', dir.path], { uid: 65534 });
    expect(code).toBe(2);
    expect(stderr).toMatch(/web\.yaml: .*(may not be read|EACCES).*\(SWB_INPUT_NOT_FOUND\)/);
  });

  test('a file of 50 MB', async () => {
    await using dir = await folder({ 'big.yaml': `${WEB}# ${'x'.repeat(1023)}\n`.repeat(40_000) });
    const { code, stderr } = await switchboard(['get', 'routes', '-f', dir.path]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/big\.yaml has at least \d+\.\d MiB; the limit is 32\.0 MiB.*--max-input-mib/);
  });

  test('an invalid argument, in one sentence with the choices', async () => {
    const { code, stderr } = await switchboard(['get', 'foo', '-f', '-']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^error: 'foo' is invalid for <what>\. Allowed choices are routes, services, .*\n/);
  });

  test('reports every fault, not only the first', async () => {
    const stdin = WEB.replace('port: 8099', 'port: 0') + serviceTo('other', 70000, 1);
    const { stderr } = await switchboard(['get', 'routes', '-f', '-'], { stdin });
    expect(stderr.match(/^error: /gm)).toHaveLength(2);
    expect(stderr).toMatch(/the 2 faults above/);
  });
});

describe('accepts', () => {
  const cases: [name: string, text: string][] = [
    ['several documents, empty ones among them', `---\n---\n# nothing\n---\n${WEB}---\n`],
    ['Windows line ends', WEB.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\uFEFF${WEB}`],
    [
      'JSON',
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'web' },
        spec: { ports: [{ name: 'http', port: 8099 }] },
      }),
    ],
    ['a List', `apiVersion: v1\nkind: List\nitems:\n- ${WEB.split('---')[0]?.trim().replaceAll('\n', '\n  ')}\n`],
    [
      'a typed list whose items name no kind',
      'apiVersion: v1\nkind: ServiceList\nitems: [{ metadata: { name: web }, spec: { ports: [{ name: http, port: 8099 }] } }]\n',
    ],
    [
      'anchors and merge keys',
      `apiVersion: v1\nkind: Service\nmetadata: &m { name: web }\nspec:\n  ports:\n  - &p { name: http, port: 8099 }\n  - { <<: *p, name: udp, protocol: UDP }\n`,
    ],
    ['helm comments', `---\n# Source: shop/templates/web.yaml\n${WEB}`],
  ];
  test.each(cases)('%s', async (_name, stdin) => {
    const { code, stdout, stderr } = await switchboard(['get', 'routes', '-f', '-'], { stdin });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^default\/web +ClusterIP +<unset>:8099 +8099 \(http\)/m);
  });

  test('kinds that it does not use, which it counts, and lists with -v', async () => {
    const stdin = `${WEB}apiVersion: batch/v1\nkind: Job\nmetadata: { name: a }\n---\napiVersion: batch/v1\nkind: Job\nmetadata: { name: b }\n`;
    const { stderr } = await switchboard(['get', 'routes', '-f', '-'], { stdin });
    expect(stderr).toMatch(/skipped 2 objects of kinds that Switchboard does not use \(-v lists them\)/);
    expect((await switchboard(['get', 'routes', '-v', '-f', '-'], { stdin })).stderr).toMatch(/Job \(2\)/);
  });

  test('two definitions of an object: the later one wins, with a warning', async () => {
    await using dir = await folder({ 'a.yaml': serviceTo('web', 1111, 1), 'b.yaml': serviceTo('web', 2222, 1) });
    const { stdout, stderr } = await switchboard(['get', 'routes', '-f', dir.path]);
    expect(stdout).toMatch(/2222/);
    expect(stdout).not.toMatch(/1111/);
    expect(stderr).toMatch(
      /b\.yaml:1:1 {2}Service default\/web {2}is already defined at .*a\.yaml:1:1 {2}the later definition wins/,
    );
  });

  test('folders: manifests by name, subfolders with -R', async () => {
    await using dir = await folder({ 'a.yaml': serviceTo('outer', 1111, 1), 'notes.txt': 'kind: [' });
    await mkdir(join(dir.path, 'inner'));
    await writeFile(
      join(dir.path, 'inner', 'b.json'),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'inner' },
        spec: { ports: [{ port: 80 }] },
      }),
    );
    expect((await switchboard(['get', 'services', '-o', 'name', '-f', dir.path])).stdout).toBe(
      'service/default/outer\n',
    );
    expect((await switchboard(['get', 'services', '-o', 'name', '-R', '-f', dir.path])).stdout).toBe(
      'service/default/inner\nservice/default/outer\n',
    );
  });

  test('an unknown field, with a note that names the nearest known one', async () => {
    const stdin = WEB.replace('port: 8099', 'port: 8099, targetport: 8080');
    const { code, stderr } = await switchboard(['get', 'routes', '-v', '-f', '-'], { stdin });
    expect(code).toBe(0);
    expect(stderr).toMatch(/targetport.*targetPort/);
  });
});

describe('get', () => {
  const stdin = `${WEB}${serviceTo('api', 9000, 9001).replace('name: api }', 'name: api, namespace: shop, labels: { tier: back } }').replace('name: api-1,', 'name: api-1, namespace: shop,')}`;
  test('prints routes, services and endpoints as tables', async () => {
    for (const what of ['routes', 'services', 'endpoints']) {
      const { code, stdout } = await switchboard(['get', what, '-f', '-'], { stdin });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^[A-Z]/);
      expect(stdout).toMatch(/web/);
    }
  });
  test.each(['json', 'yaml', 'jsonl', 'wide', 'name'])('-o %s', async format => {
    const { code, stdout } = await switchboard(['get', 'routes', '-o', format, '-f', '-'], { stdin });
    expect(code).toBe(0);
    if (format === 'json')
      expect(JSON.parse(stdout)).toMatchObject({
        apiVersion: 'switchboard/v1',
        kind: 'RouteList',
        items: [{ name: 'default/web:http' }, { name: 'shop/api:http' }],
      });
    if (format === 'jsonl')
      expect(
        stdout
          .trim()
          .split('\n')
          .map(line => JSON.parse(line).service),
      ).toEqual(['web', 'api']);
    if (format === 'name') expect(stdout).toBe('default/web:http\nshop/api:http\n');
  });
  test('selects by -n, -l and names', async () => {
    const names = async (...args: string[]) =>
      (await switchboard(['get', 'svc', '-o', 'name', '-f', '-', ...args], { stdin })).stdout;
    // As in kubectl, -n is also the namespace of objects without one.
    expect(await names('-n', 'shop')).toBe('service/shop/api\nservice/shop/web\n');
    expect(await names('-n', 'default')).toBe('service/default/web\n');
    expect(await names('-A')).toBe('service/default/web\nservice/shop/api\n');
    expect(await names('-l', 'tier=back')).toBe('service/shop/api\n');
    expect(await names('-l', 'tier!=back')).toBe('service/default/web\n');
    expect(await names('web')).toBe('service/default/web\n');
  });
  test('lists the existing names for a name that does not exist', async () => {
    const { code, stderr } = await switchboard(['get', 'routes', 'wbe', '-f', '-'], { stdin });
    expect(code).toBe(2);
    expect(stderr).toMatch(/no Service "wbe".*default\/web.*\(SWB_NOT_FOUND\)/);
  });
  test.each([
    [['get', 'nonsense', '-f', '-']],
    [['get', 'routes', '-o', 'xml', '-f', '-']],
    [['frobnicate']],
    [['up', '--no-such-flag']],
  ])('exits with 2 for invalid usage: %s', async args => {
    const { code, stderr } = await switchboard(args, { stdin });
    expect(code).toBe(2);
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

test('uses the slices of a cluster snapshot, and computes none', async () => {
  const stdin = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Service
  metadata: { name: web, namespace: shop, uid: 6a0f3d7e-1111-4222-8333-944444444444, resourceVersion: "7", creationTimestamp: "2026-01-01T00:00:00Z" }
  spec: { clusterIP: 10.96.7.7, clusterIPs: [10.96.7.7], internalTrafficPolicy: Cluster, ipFamilies: [IPv4], ipFamilyPolicy: SingleStack, ports: [{ name: http, port: 80, protocol: TCP, targetPort: web }], selector: { app: web }, sessionAffinity: None, type: ClusterIP }
  status: { loadBalancer: {} }
- addressType: IPv4
  apiVersion: discovery.k8s.io/v1
  kind: EndpointSlice
  metadata: { name: web-x7k2p, namespace: shop, generation: 3, labels: { endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io, kubernetes.io/service-name: web } }
  endpoints: [{ addresses: [10.244.0.9], conditions: { ready: true, serving: true, terminating: false }, nodeName: n1, targetRef: { kind: Pod, name: web-1, namespace: shop, uid: 6a0f3d7e-1111-4222-8333-944444444445 } }]
  ports: [{ name: http, port: 8080, protocol: TCP }]
`;
  const { code, stdout, stderr } = await switchboard(['get', 'routes', '-v', '-f', '-'], { stdin });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/shop\/web +ClusterIP +10\.96\.7\.7:80 +80 \(http\) -> web:8080 +1\/1 +Ready/);
});

test('prints version, help and completion without any input', async () => {
  expect((await switchboard(['version'])).stdout).toMatch(/^switchboard \d+\.\d+\.\d+/);
  expect((await switchboard(['help', 'up'])).stdout).toMatch(/Ctrl-C drains/);
  for (const shell of ['bash', 'zsh', 'fish'])
    expect((await switchboard(['completion', shell])).stdout).toMatch(/routes/);
});

test('prints no colors with NO_COLOR', async () => {
  const running = await up(['-f', '-'], { stdin: WEB, env: { NO_COLOR: '1' } });
  await running.stop();
  expect(running.stdout + running.stderr).not.toContain('\x1b[');
});
