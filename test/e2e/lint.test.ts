import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, switchboard } from '../support/cli.ts';

const WEB = `apiVersion: v1
kind: Service
metadata: { name: web }
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: htttp
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers:
        - name: web
          image: registry.example/web:1
          ports: [{ name: http, containerPort: 8080 }]
          readinessProbe: { tcpSocket: { port: http } }
`;
const GOOD = WEB.replace('htttp', 'http');
/** Legal, and worth a look. */
const HINTS = WEB.replace('htttp', '8088');
const LIKELY = WEB.replace('      targetPort: htttp\n', '');

async function lint(stdin: string, ...args: string[]) {
  return switchboard(['lint', '-f', '-', ...args], { stdin });
}

describe('exit codes', () => {
  const cases: [name: string, stdin: string, args: string[], code: number][] = [
    ['nothing found', GOOD, [], 0],
    ['a certain finding', WEB, [], 1],
    ['a likely finding', LIKELY, [], 1],
    ['a hint', HINTS, [], 0],
    ['a hint with --fail-on hint', HINTS, ['--fail-on', 'hint'], 1],
    ['a likely finding with --fail-on certain', LIKELY, ['--fail-on', 'certain'], 0],
    ['a certain finding with --fail-on never', WEB, ['--fail-on', 'never'], 0],
    ['--fail-on of no known kind', WEB, ['--fail-on', 'sometimes'], 2],
    ['a format that is not known', WEB, ['-o', 'xml'], 2],
    ['a rule that is not known', WEB, ['--only', 'R999'], 2],
    ['two formats on standard output', WEB, ['-o', 'json', '-o', 'table'], 2],
    ['text that is no YAML, such as a template', '{{ if .Values.web }}\na: [\n', [], 2],
    ['no objects', '', [], 0],
  ];
  test.each(cases)('%s', async (_name, stdin, args, code) => {
    const result = await lint(stdin, ...args);
    expect(result.code, result.stdout + result.stderr).toBe(code);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  test('nothing to read, and a path that is not there', async () => {
    expect(await switchboard(['lint'])).toMatchObject({ code: 2, stdout: '' });
    expect((await switchboard(['lint', 'no-such-folder'])).stderr).toMatch(/no-such-folder.*SWB_INPUT_NOT_FOUND/);
  });
});

test('findings go to standard output with their place, the summary to standard error', async () => {
  const { stdout, stderr } = await lint(WEB);
  expect(stdout).toMatch(/^stdin:8:7: certain R10 {2}Service default\/web {2}spec\.ports\[0\]\.targetPort\n/);
  expect(stdout).toMatch(/Did you mean "http"\?\n {4}fix: Set targetPort: http, or name/);
  expect(stderr).toBe('1 certain in 1 file\n');
});

test('an object that the API refuses is a finding, and the others are judged all the same', async () => {
  const { code, stdout } = await lint(
    `${WEB}---\n${WEB.replace(/name: web }/g, 'name: api }').replace('port: 80', 'port: 0')}`,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/certain R10 {2}Service default\/web/);
  expect(stdout).toMatch(/certain R00 {2}Service default\/api {2}spec\.ports\[0\]\.port/);
});

test('text that cannot be read is told, and what can be read is judged', async () => {
  await using dir = await folder({ 'a.yaml': WEB, 'b.yaml': '{{ range .Values.x }}\na: [\n' });
  const { code, stdout, stderr } = await switchboard(['lint', dir.path]);
  expect(code).toBe(2);
  expect(stdout).toMatch(/R10/);
  expect(stderr).toMatch(/error: .*b\.yaml:\d+:\d+/);
});

test('several outputs at once', async () => {
  await using dir = await folder({ 'web.yaml': WEB });
  const at = (name: string) => join(dir.path, name);
  const args = [
    '-o',
    'table',
    '-o',
    `sarif=${at('out.sarif')}`,
    '-o',
    `junit=${at('out.xml')}`,
    '-o',
    `markdown=${at('out.md')}`,
  ];
  const { code, stdout } = await switchboard(['lint', dir.path, ...args]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/web\.yaml:8:7: certain R10/);
  const log = JSON.parse(await readFile(at('out.sarif'), 'utf8'));
  expect(log.runs[0].results).toMatchObject([{ ruleId: 'R10', level: 'error' }]);
  expect(await readFile(at('out.xml'), 'utf8')).toMatch(/<failure type="R10"/);
  expect(await readFile(at('out.md'), 'utf8')).toMatch(/certain R10/);
});

test.each(['json', 'sarif', 'junit', 'github', 'markdown'])('-o %s alone on standard output', async format => {
  const { stdout } = await lint(WEB, '-o', format);
  expect(stdout).toMatch(/R10/);
  if (format === 'json' || format === 'sarif') JSON.parse(stdout);
});

test('--only and --skip choose rules', async () => {
  expect((await lint(WEB, '--only', 'R10,R39')).code).toBe(1);
  expect((await lint(WEB, '--only', 'r11')).code).toBe(0);
  expect((await lint(WEB, '--skip', 'R10')).code).toBe(0);
});

test('--complete: what is not given does not exist', async () => {
  const service = WEB.split('---')[0]?.replace('app: web', 'app: other') ?? '';
  expect((await lint(service)).stdout).toMatch(/hint R01.*\n.*among the files given/);
  const { code, stdout } = await lint(service, '--complete');
  expect(code).toBe(1);
  expect(stdout).toMatch(/certain R01/);
  expect(stdout).not.toMatch(/among the files given/);
});

test('--baseline: only what is new counts', async () => {
  await using dir = await folder({ 'web.yaml': WEB });
  const file = join(dir.path, 'known.baseline');
  expect((await switchboard(['lint', dir.path, '--baseline', file])).code).toBe(2);
  expect(await switchboard(['lint', dir.path, '--baseline', file, '--write-baseline'])).toMatchObject({ code: 0 });
  expect(await switchboard(['lint', dir.path, '--baseline', file])).toMatchObject({ code: 0, stdout: '' });
  const worse = WEB.replace('tcpSocket: { port: http }', 'tcpSocket: { port: web }');
  const { code, stdout } = await switchboard(['lint', '-f', '-', '--baseline', file], { stdin: worse });
  expect(code).toBe(1);
  expect(stdout).toMatch(/R32/);
  expect(stdout).not.toMatch(/R10/);
});

test('accepted findings: comment, and config file beside the manifests', async () => {
  const commented = WEB.replace(
    '      targetPort',
    '      # switchboard:ignore R10 renamed next week\n      targetPort',
  );
  const result = await lint(commented);
  expect(result).toMatchObject({ code: 0, stdout: '', stderr: 'no findings in 1 file; 1 accepted\n' });
  await using dir = await folder({
    'web.yaml': WEB,
    '.switchboard-lint.yaml': "ignore:\n  - { rules: [R10], paths: ['web.yaml'], reason: renamed next week }\n",
  });
  expect(await switchboard(['lint', '-f', 'web.yaml'], { cwd: dir.path })).toMatchObject({ code: 0 });
  const wrong = await switchboard(['lint', '-f', 'web.yaml', '--config', 'web.yaml'], { cwd: dir.path });
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/web\.yaml: .*SWB_USAGE/);
});

test('two runs print the same, in whatever order the files are named', async () => {
  const run = async (...files: string[]) => (await switchboard(['lint', ...files, '-o', 'json'])).stdout;
  const one = await run('examples/broken');
  expect(await run('examples/broken')).toBe(one);
  const [a, b] = ['examples/broken/app-port.yaml', 'examples/broken/selector-typo.yaml'] as const;
  expect(await run(a, b)).toBe(await run(b, a));
});

test('examples/broken: every file has a finding', async () => {
  const { code, stdout } = await switchboard(['lint', 'examples/broken']);
  expect(code).toBe(1);
  expect(new Set(stdout.match(/^examples\/broken\/[\w-]+\.yaml/gm)).size).toBe(30);
});
