import { describe, expect, test } from 'vitest';
import { folder, switchboard } from '../support/cli.ts';

const POD = `apiVersion: v1
kind: Pod
metadata: { name: web-0, namespace: shop, labels: { app: web } }
spec: { nodeName: n1, containers: [{ name: web, image: x, ports: [{ name: web, containerPort: 8080 }] }] }
status: { phase: Running, podIP: 10.1.0.1, podIPs: [{ ip: 10.1.0.1 }], conditions: [{ type: Ready, status: "True" }] }
`;
const SERVICE = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, clusterIP: 10.96.0.10, ports: [{ name: http, port: 80, targetPort: web }] }
---
`;
const GOOD = SERVICE + POD;

function deploymentOf(port: string, replicas: number): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: w, image: x, ports: [${port}] }] } }
`;
}

describe('explain names the broken hop and the fix', () => {
  const cases: [name: string, yaml: string, verdict: string, patterns: RegExp[]][] = [
    ['nothing is wrong', GOOD, 'reaches (likely)', [/10\.1\.0\.1:8080 ready \(pod web-0, container web, port "web"\)/]],
    [
      'a port name that no pod has',
      GOOD.replace('targetPort: web', 'targetPort: http'),
      'does not reach (certain)',
      [/targetPort +BROKEN/, /it has "web" \(8080\/TCP\)/, /spec\.ports\[0\]\.targetPort: set targetPort: web/],
    ],
    [
      'the name for another protocol',
      GOOD.replace('port: 80, targetPort', 'port: 80, protocol: UDP, targetPort'),
      'does not reach (certain)',
      [/its port "web" is for TCP, but the Service uses UDP/],
    ],
    [
      'a selector with a typo',
      GOOD.replace('selector: { app: web }', 'selector: { app: wbe }'),
      'does not reach (likely)',
      [/selector +BROKEN/, /pod web-0 has app=web/, /set spec\.selector\.app to web/],
    ],
    [
      'pods in another namespace',
      SERVICE.replace('namespace: shop', 'namespace: other') + POD,
      'does not reach (likely)',
      [/namespace shop/],
    ],
    [
      'a pod that is not ready',
      GOOD.replace('status: "True"', 'status: "False", message: "probe said 503"'),
      'does not reach (certain)',
      [/not ready, probe said 503/],
    ],
    [
      'no selector and no slice',
      SERVICE.replace('selector: { app: web }, ', ''),
      'does not reach (likely)',
      [/add an EndpointSlice with the label kubernetes\.io\/service-name: web/],
    ],
    [
      'a slice whose port has another name',
      `${SERVICE.replace('selector: { app: web }, ', '')}apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: { name: w, namespace: shop, labels: { kubernetes.io/service-name: web } }\naddressType: IPv4\nports: [{ name: web, port: 80 }]\nendpoints: [{ addresses: [10.0.0.1] }]\n`,
      'does not reach (certain)',
      [/a port called "http"/, /by name, not by number/],
    ],
    [
      'headless with a translation',
      GOOD.replace('clusterIP: 10.96.0.10', 'clusterIP: None'),
      'partly (certain)',
      [/headless.*must dial 8080/],
    ],
    [
      'pods that a Deployment would create',
      `${SERVICE}apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: web, namespace: shop }\nspec: { selector: { matchLabels: { app: web } }, template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: w, image: x, ports: [{ name: web, containerPort: 1 }] }] } } }\n`,
      'correct on paper',
      [/endpoints +unknown/],
    ],
    [
      'a Deployment whose template lacks the port name',
      SERVICE + deploymentOf('{ name: http, containerPort: 1 }', 1),
      'does not reach (certain)',
      [/targetPort +BROKEN/, /it has "http" \(1\/TCP\)/],
    ],
    [
      'a Deployment that is scaled to zero',
      SERVICE + deploymentOf('{ name: web, containerPort: 1 }', 0),
      'does not reach (certain)',
      [/Deployment web creates such pods, but has replicas: 0/, /set spec\.replicas of Deployment web/],
    ],
    [
      'an alias',
      'apiVersion: v1\nkind: Service\nmetadata: { name: web, namespace: shop }\nspec: { type: ExternalName, externalName: example.com }\n',
      'cannot be determined',
      [/DNS alias of example\.com/],
    ],
    [
      'one pod of two',
      `${GOOD}---\n${POD.replace('web-0', 'web-1').replaceAll('10.1.0.1', '10.1.0.2').replace('name: web, containerPort', 'name: wob, containerPort')}`,
      'partly (certain)',
      [/web-1: no TCP port called "web"/],
    ],
  ];
  test.each(cases)('%s', async (_name, stdin, verdict, patterns) => {
    const { code, stdout } = await switchboard(['explain', 'svc/web', '-f', '-'], { stdin });
    const text = stdout.replace(/\n +/g, ' ');
    expect(stdout).toContain(`: ${verdict}\n`);
    for (const pattern of patterns) expect(text).toMatch(pattern);
    expect(code).toBe(verdict.startsWith('does not') ? 1 : 0);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('prints the fix as a patch', async () => {
    const { stdout } = await switchboard(['explain', 'web.shop:80', '--patch', '-f', '-'], {
      stdin: GOOD.replace('targetPort: web', 'targetPort: http'),
    });
    expect(JSON.parse(stdout)).toEqual([{ op: 'replace', path: '/spec/ports/0/targetPort', value: 'web' }]);
  });

  test('prints the five numbers with --teach', async () => {
    const { stdout } = await switchboard(['explain', 'web.shop:80', '--teach', '-f', '-'], { stdin: GOOD });
    for (const word of ['port ', 'targetPort', 'containerPort', 'nodePort', 'hostPort']) expect(stdout).toContain(word);
  });

  test.each([
    ['svc/wbe', /no Service "wbe".*shop\/web/],
    ['svc/web:8080', /has no port 8080: it has 80 \(http\); 8080 is its targetPort/],
    ['10.96.0.11:80', /10\.96\.0\.10:80/],
    ['pod/web-9', /pod\/web-0/],
  ])('reports a target that does not exist: %s', async (target, pattern) => {
    const { code, stderr } = await switchboard(['explain', target, '-f', '-'], { stdin: GOOD });
    expect(code).toBe(2);
    expect(stderr).toMatch(pattern);
  });
});

describe('the output for programs', () => {
  test('one dial', async () => {
    const args = [
      'explain',
      '-f',
      '-',
      '--node',
      'n1',
      '--node-ip',
      '192.0.2.1',
      '--cluster-cidr',
      '10.1.0.0/16',
      '-o',
      'json',
    ];
    const { stdout } = await switchboard([...args, '--from', '198.51.100.1', '--to', '10.96.0.10:80/TCP'], {
      stdin: GOOD,
    });
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'endpoints',
      endpoints: ['10.1.0.1:8080'],
      masquerade: true,
      findings: [],
    });
  });
  test('many dials in one start', async () => {
    await using dir = await folder({ 'good.yaml': GOOD });
    const dials = Array.from({ length: 300 }, (_, i) => ({ from: '10.1.0.9', to: `10.96.0.10:${80 + i}/TCP` }));
    const { stdout } = await switchboard(['explain', '-f', dir.path, '--node', 'n1', '--dials', '-'], {
      stdin: JSON.stringify(dials),
    });
    const answers: { outcome: string }[] = JSON.parse(stdout);
    expect(answers.map(answer => answer.outcome)).toEqual(['endpoints', ...Array(299).fill('reject')]);
  });
  test.each([
    [['--from', 'x', '--to', '10.96.0.10:80/TCP'], /--from x is not an IP address/],
    [['--from', '10.0.0.1', '--to', '10.96.0.10'], /--to 10\.96\.0\.10: write it as/],
    [['--from', '10.0.0.1', '--to', '[fd00::1]:80/TCP'], /IP families differ/],
  ])('rejects invalid dials: %s', async (args, pattern) => {
    const { code, stderr } = await switchboard(['explain', '-f', '-', ...args], { stdin: GOOD });
    expect(code).toBe(2);
    expect(stderr).toMatch(pattern);
  });
});
