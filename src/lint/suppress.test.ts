import { describe, expect, test } from 'vitest';
import { parseManifest } from '../kube/manifest/index.ts';
import { readBaseline, withoutBaseline, writeBaseline } from './baseline.ts';
import { type LintConfig, NO_CONFIG, parseConfig } from './config.ts';
import { globMatches } from './glob.ts';
import { lint } from './lint.ts';
import { ruleById } from './rules/index.ts';
import { suppress } from './suppress.ts';

const WEB = `apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
spec:
  selector: { app: web }
  ports:
    - port: 80
      targetPort: htttp
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
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

function run(text: string, config: LintConfig = NO_CONFIG, file = 'k8s/web.yaml') {
  const manifest = parseManifest(text, { primaryFamily: 'IPv4', defaultNamespace: 'default', keepValues: true });
  const inputs = [{ file, text, manifest }];
  const findings = lint(inputs, { defaultNamespace: 'default', complete: false });
  return { findings, ...suppress(findings, { inputs, config }) };
}

const line = (text: string, by: 'on' | 'above') =>
  by === 'on'
    ? WEB.replace('targetPort: htttp', `targetPort: htttp ${text}`)
    : WEB.replace('      targetPort: htttp', `      ${text}\n      targetPort: htttp`);

describe('a comment', () => {
  const ignore = '# switchboard:ignore R10 renamed in the next release';
  const cases: [name: string, text: string][] = [
    ['on the line of the field', line(ignore, 'on')],
    ['above the field', line(ignore, 'above')],
    ['above the field, with others', line('# a port\n      # switchboard:ignore R10 renamed\n      # of old', 'above')],
    ['above the object', `${ignore}\n${WEB}`],
    ['above the marker of the document', `${ignore}\n---\n${WEB}`],
    ['on the first line of the object', WEB.replace('apiVersion: v1\n', `apiVersion: v1 ${ignore}\n`)],
    ['of several rules', line('# switchboard:ignore R15, R10 renamed', 'above')],
    ['with Windows line ends', line(ignore, 'above').replaceAll('\n', '\r\n')],
  ];
  test.each(cases)('%s', (_name, text) => {
    const { kept, suppressed } = run(text);
    expect(kept).toEqual([]);
    expect(suppressed).toMatchObject([{ finding: { rule: 'R10' }, by: 'comment' }]);
    expect(suppressed[0]?.reason).toMatch(/^renamed/);
  });

  const others: [name: string, text: string][] = [
    ['of another rule', line('# switchboard:ignore R11 renamed', 'above')],
    ['of a rule that begins alike', line('# switchboard:ignore R1 renamed', 'above')],
    ['at another object', WEB.replace('---\n', `---\n${ignore}\n`)],
    ['above another field', WEB.replace('  selector: { app: web }\n', `  ${ignore}\n  selector: { app: web }\n`)],
  ];
  test.each(others)('%s does nothing', (_name, text) => {
    expect(run(text).kept).toMatchObject([{ rule: 'R10' }]);
  });

  test('without a reason has no effect and is reported', () => {
    const { kept, withoutReason } = run(line('# switchboard:ignore R10', 'above'));
    expect(kept).toMatchObject([{ rule: 'R10' }]);
    expect(withoutReason).toEqual(['k8s/web.yaml:10']);
  });
});

test('an annotation on the object', () => {
  const annotated = (value: string) =>
    run(
      WEB.replace('  namespace: shop\n', `  namespace: shop\n  annotations: { switchboard.dev/ignore: "${value}" }\n`),
    );
  expect(annotated('R15: x; R10: renamed').suppressed).toMatchObject([{ by: 'annotation', reason: 'renamed' }]);
  expect(annotated('R10').kept).toHaveLength(1);
  expect(annotated('R11: renamed').kept).toHaveLength(1);
});

describe('the config file', () => {
  const parse = (text: string) => parseConfig(text, id => ruleById(id) !== undefined);

  test('accepts by rule, path and object', () => {
    const config = (more: string) => {
      const parsed = parse(`ignore: [{ rules: [R10], reason: renamed${more} }]`);
      if ('faults' in parsed) throw new Error(parsed.faults.join('\n'));
      return run(WEB, parsed).kept.length;
    };
    expect(config('')).toBe(0);
    expect(config(", paths: ['k8s/**']")).toBe(0);
    expect(config(", paths: ['charts/**']")).toBe(1);
    expect(config(", objects: ['Service shop/*']")).toBe(0);
    expect(config(", objects: ['Service other/*']")).toBe(1);
  });

  test.each([
    ['ignore: [{ rules: [R10] }]', /the reason is missing/],
    ['ignore: [{ rules: [R999], reason: x }]', /no rule "R999"/],
    ['ignore: [{ reason: x }]', /no rules/],
    ['failOn: sometimes', /failOn.*certain, likely, hint, never/],
    ['failon: likely', /failon.*failOn/],
    ['a: [', /not YAML/],
  ])('rejects %s', (text, pattern) => {
    const parsed = parse(text);
    expect('faults' in parsed ? parsed.faults.join('\n') : '').toMatch(pattern);
  });

  test('accepts an empty file', () => {
    expect(parse('')).toEqual({ ignore: [] });
    expect(parse('failOn: certain\ncomplete: true')).toEqual({ failOn: 'certain', complete: true, ignore: [] });
  });
});

test.each([
  ['charts/**', 'charts/a/b.yaml', true],
  ['charts/*', 'charts/a/b.yaml', false],
  ['**/b.yaml', 'charts/a/b.yaml', true],
  ['b.yaml', './charts/a/b.yaml', true],
  ['*.yml', 'a.yaml', false],
  ['a.yaml', 'aXyaml', false],
])('the glob %s and %s: %s', (glob, text, matches) => {
  expect(globMatches(glob, text)).toBe(matches);
});

describe('a baseline', () => {
  test('recognizes findings when lines move, and reports new ones', () => {
    const known = readBaseline(writeBaseline(run(WEB).kept));
    expect(known).toBeDefined();
    expect(withoutBaseline(run(`# moved\n\n${WEB}`).kept, known ?? new Map()).kept).toEqual([]);
    const worse = WEB.replace('tcpSocket: { port: http }', 'tcpSocket: { port: web }');
    expect(withoutBaseline(run(worse).kept, known ?? new Map()).kept).toMatchObject([{ rule: 'R32' }]);
  });

  test('suppresses as many findings as it contains', () => {
    const twice = [...run(WEB).kept, ...run(WEB).kept];
    const known = readBaseline(writeBaseline(run(WEB).kept)) ?? new Map();
    expect(withoutBaseline(twice, known).kept).toHaveLength(1);
  });

  test.each(['', '[]', '{}', '{"kind":"LintBaseline","findings":[1]}'])('rejects %j', text => {
    expect(readBaseline(text)).toBeUndefined();
  });
});
