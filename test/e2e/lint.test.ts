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
/** Legal, but worth a look. */
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
    ['an invalid --fail-on', WEB, ['--fail-on', 'sometimes'], 2],
    ['an unknown format', WEB, ['-o', 'xml'], 2],
    ['an unknown rule', WEB, ['--only', 'R999'], 2],
    ['two formats on standard output', WEB, ['-o', 'json', '-o', 'table'], 2],
    ['text that is not YAML, such as a template', '{{ if .Values.web }}\na: [\n', [], 2],
    ['no objects', '', [], 0],
  ];
  test.each(cases)('%s', async (_name, stdin, args, code) => {
    const result = await lint(stdin, ...args);
    expect(result.code, result.stdout + result.stderr).toBe(code);
    expect(result.stderr).not.toMatch(/\n\s+at /);
  });

  test('no input, and a path that does not exist', async () => {
    expect(await switchboard(['lint'])).toMatchObject({ code: 2, stdout: '' });
    expect((await switchboard(['lint', 'no-such-folder'])).stderr).toMatch(/no-such-folder.*SWB_INPUT_NOT_FOUND/);
  });
});

test('prints findings with their position to standard output, and the summary to standard error', async () => {
  const { stdout, stderr } = await lint(WEB);
  expect(stdout).toMatch(/^stdin:8:7: certain R10 {2}Service default\/web {2}spec\.ports\[0\]\.targetPort\n/);
  expect(stdout).toMatch(/Did you mean "http"\?\n {4}fix: Set targetPort: http, or name/);
  expect(stderr).toBe('1 certain in 1 file\n');
});

test('reports an object that the API rejects, and checks the others', async () => {
  const { code, stdout } = await lint(
    `${WEB}---\n${WEB.replace(/name: web }/g, 'name: api }').replace('port: 80', 'port: 0')}`,
  );
  expect(code).toBe(1);
  expect(stdout).toMatch(/certain R10 {2}Service default\/web/);
  expect(stdout).toMatch(/certain R00 {2}Service default\/api {2}spec\.ports\[0\]\.port/);
});

test('reports text that is not YAML, and checks the rest', async () => {
  await using dir = await folder({ 'a.yaml': WEB, 'b.yaml': '{{ range .Values.x }}\na: [\n' });
  const { code, stdout, stderr } = await switchboard(['lint', dir.path]);
  expect(code).toBe(2);
  expect(stdout).toMatch(/R10/);
  expect(stderr).toMatch(/error: .*b\.yaml:\d+:\d+/);
});

test('writes several outputs at once', async () => {
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

test.each(['json', 'sarif', 'junit', 'github', 'markdown'])('writes only -o %s to standard output', async format => {
  const { stdout } = await lint(WEB, '-o', format);
  expect(stdout).toMatch(/R10/);
  if (format === 'json' || format === 'sarif') JSON.parse(stdout);
});

test('selects rules with --only and --skip', async () => {
  expect((await lint(WEB, '--only', 'R10,R39')).code).toBe(1);
  expect((await lint(WEB, '--only', 'r11')).code).toBe(0);
  expect((await lint(WEB, '--skip', 'R10')).code).toBe(0);
});

test('treats missing objects as nonexistent with --complete', async () => {
  const service = WEB.split('---')[0]?.replace('app: web', 'app: other') ?? '';
  expect((await lint(service)).stdout).toMatch(/hint R01.*\n.*among the given files/);
  const { code, stdout } = await lint(service, '--complete');
  expect(code).toBe(1);
  expect(stdout).toMatch(/certain R01/);
  expect(stdout).not.toMatch(/among the given files/);
});

test('counts only new findings with --baseline', async () => {
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

test('suppresses findings by comment and by a config file beside the manifests', async () => {
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

test('prints the same in any order of the files', async () => {
  const run = async (...files: string[]) => (await switchboard(['lint', ...files, '-o', 'json'])).stdout;
  const one = await run('examples/broken');
  expect(await run('examples/broken')).toBe(one);
  const [a, b] = ['examples/broken/app-port.yaml', 'examples/broken/selector-typo.yaml'] as const;
  expect(await run(a, b)).toBe(await run(b, a));
});

test('finds something in every file of examples/broken', async () => {
  const { code, stdout } = await switchboard(['lint', 'examples/broken']);
  expect(code).toBe(1);
  expect(new Set(stdout.match(/^examples\/broken\/[\w-]+\.yaml/gm)).size).toBe(30);
});

test('says that nothing was checked if the input does not parse', async () => {
  const broken = 'kind: {{ .Values.kind }\n';
  const result = await switchboard(['lint', '-'], { stdin: broken });
  expect(result).toMatchObject({ code: 2, stdout: '' });
  expect(result.stderr).toMatch(/^error: stdin:\d+:\d+ {2}.*\nnothing was checked: the input does not parse\n$/);
  const json = await switchboard(['lint', '-', '-o', 'json'], { stdin: broken });
  expect(JSON.parse(json.stdout)).toMatchObject({ items: [], errors: [{ file: 'stdin' }] });
  await using dir = await folder({ 'broken.yaml': broken, 'web.yaml': WEB });
  const some = await switchboard(['lint', '.'], { cwd: dir.path });
  expect(some.code).toBe(2);
  expect(some.stderr).toMatch(/in 2 files; not everything was checked: 1 of 2 files does not parse\n$/);
});
