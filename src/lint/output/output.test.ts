import { describe, expect, test } from 'vitest';
import type { Finding, Suppressed } from '../finding.ts';
import { RULES } from '../rules/index.ts';
import { type LintReport, OUTPUTS } from './index.ts';

const FINDING: Finding = {
  rule: 'R10',
  title: 'targetPort is a name that no selected pod has',
  confidence: 'certain',
  kind: 'Service',
  namespace: 'shop',
  name: 'web',
  field: 'spec.ports[0].targetPort',
  file: './k8s/a b.yaml',
  line: 10,
  col: 19,
  message: 'targetPort "htttp" is <no> name | 100% sure.',
  fix: 'Set targetPort: http.',
  patch: [{ op: 'replace', path: '/spec/ports/0/targetPort', value: 'http' }],
};
const HINT: Finding = { ...FINDING, rule: 'R39', confidence: 'hint', line: 3, message: 'no probe\nat all' };
const ACCEPTED: Suppressed = { finding: { ...FINDING, rule: 'R15' }, by: 'comment', reason: 'it listens there' };

function report(findings: readonly Finding[] = [FINDING, HINT]): LintReport {
  const files = ['./k8s/a b.yaml', 'k8s/clean.yaml'];
  return { findings, suppressed: [ACCEPTED], rules: RULES, failOn: 'likely', files, version: '1.2.3', errors: [] };
}

test('table: the position comes first, so that an editor can jump to it', () => {
  expect(OUTPUTS.table(report([FINDING]))).toBe(
    `./k8s/a b.yaml:10:19: certain R10  Service shop/web  spec.ports[0].targetPort
    targetPort "htttp" is <no> name | 100% sure.
    fix: Set targetPort: http.
`,
  );
  expect(OUTPUTS.table(report([]))).toBe('');
});

test('json: a list, with the suppressed findings', () => {
  const list = JSON.parse(OUTPUTS.json(report()));
  expect(list).toMatchObject({ apiVersion: 'switchboard/v1', kind: 'FindingList', items: [FINDING, HINT] });
  expect(list.items[0].fingerprint).toMatch(/^[0-9a-f]{16}$/);
  expect(list.suppressed).toMatchObject([{ by: 'comment', reason: 'it listens there', finding: { rule: 'R15' } }]);
});

describe('sarif', () => {
  /** The parts of the 2.1.0 schema that the output uses. */
  function check(log: Record<string, unknown>): void {
    expect(Object.keys(log).sort()).toEqual(['$schema', 'runs', 'version']);
    expect(log.version).toBe('2.1.0');
    const [run] = JSON.parse(JSON.stringify(log.runs));
    expect(run.tool.driver.name).toBe('switchboard');
    const ids = run.tool.driver.rules.map((rule: { id: string }) => rule.id);
    expect(ids).toEqual([...new Set(ids)]);
    for (const rule of run.tool.driver.rules) {
      expect(rule.shortDescription.text).not.toBe('');
      expect(['error', 'warning', 'note']).toContain(rule.defaultConfiguration.level);
    }
    for (const result of run.results) {
      expect(ids[result.ruleIndex]).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.message.text).not.toBe('');
      const { region, artifactLocation } = result.locations[0].physicalLocation;
      expect(region.startLine).toBeGreaterThan(0);
      expect(region.startColumn).toBeGreaterThan(0);
      expect(artifactLocation.uri).toMatch(/^[\w%./-]+$/);
      for (const suppression of result.suppressions ?? []) {
        expect(['inSource', 'external']).toContain(suppression.kind);
      }
    }
  }

  test('contains rules, positions, levels and suppressed findings', () => {
    const log = JSON.parse(OUTPUTS.sarif(report()));
    check(log);
    expect(log.runs[0].results).toMatchObject([
      { ruleId: 'R10', level: 'error' },
      { ruleId: 'R39', level: 'note' },
      { ruleId: 'R15', suppressions: [{ kind: 'inSource', justification: 'it listens there' }] },
    ]);
    expect(log.runs[0].results[0].locations[0].physicalLocation).toEqual({
      artifactLocation: { uri: 'k8s/a%20b.yaml' },
      region: { startLine: 10, startColumn: 19 },
    });
  });

  test('contains an empty list of results if there are none', () => {
    const log = JSON.parse(OUTPUTS.sarif({ ...report([]), suppressed: [] }));
    check(log);
    expect(log.runs[0].results).toEqual([]);
  });
});

test('junit: a suite for each file, failures from --fail-on up', () => {
  const text = OUTPUTS.junit(report());
  expect(text).toMatch(
    /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="switchboard lint" tests="3" failures="1"/,
  );
  expect(text.match(/<testsuite /g)).toHaveLength(2);
  expect(text.match(/<failure /g)).toHaveLength(1);
  expect(text).toContain('is &lt;no&gt; name');
  expect(OUTPUTS.junit({ ...report(), failOn: 'never' })).toContain('failures="0"');
});

test('github: one command per finding, on one line', () => {
  expect(OUTPUTS.github(report()).split('\n')).toEqual([
    '::error file=./k8s/a b.yaml,line=10,col=19,title=R10 Service shop/web (certain)::targetPort "htttp" is <no> name | 100%25 sure.%0Afix: Set targetPort: http.',
    '::notice file=./k8s/a b.yaml,line=3,col=19,title=R39 Service shop/web (hint)::no probe%0Aat all%0Afix: Set targetPort: http.',
    '',
  ]);
});

test('markdown: a table with escaped cells', () => {
  const lines = OUTPUTS.markdown(report()).trimEnd().split('\n');
  expect(lines[0]).toBe('**switchboard lint**: 1 certain, 1 hint');
  expect(lines).toHaveLength(6);
  expect(lines[4]).toContain('&lt;no> name \\| 100% sure.');
  expect(OUTPUTS.markdown(report([]))).toBe('**switchboard lint**: no findings\n');
});

test('text that does not parse is an error in every format, beside the findings', () => {
  const errors = [
    { file: 'k8s/broken.yaml', line: 2, col: 7, message: 'unexpected end  correct the YAML or JSON here' },
  ];
  const files = ['./k8s/a b.yaml', 'k8s/broken.yaml'];
  const [some, none] = [
    { ...report([FINDING]), files, errors },
    { ...report([]), files, errors },
  ];
  expect(JSON.parse(OUTPUTS.json(none))).toMatchObject({ items: [], errors });
  expect(JSON.parse(OUTPUTS.json(report([]))).errors).toEqual([]);
  const run = (text: string) => JSON.parse(text).runs[0];
  expect(run(OUTPUTS.sarif(some)).invocations).toEqual([
    {
      executionSuccessful: false,
      toolExecutionNotifications: [
        {
          level: 'error',
          message: { text: errors[0]?.message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: 'k8s/broken.yaml' },
                region: { startLine: 2, startColumn: 7 },
              },
            },
          ],
        },
      ],
    },
  ]);
  expect(run(OUTPUTS.sarif(report())).invocations).toMatchObject([{ executionSuccessful: true }]);
  expect(OUTPUTS.github(some)).toMatch(
    /^::error file=k8s\/broken\.yaml,line=2,col=7,title=not checked::unexpected end/,
  );
  expect(OUTPUTS.junit(some)).toMatch(/tests="2" failures="1" errors="1"[\s\S]*<error message="unexpected end/);
  expect(OUTPUTS.markdown(none)).toBe(
    '**switchboard lint**: not everything was checked\n\n- `k8s/broken.yaml:2:7` was not checked: unexpected end  correct the YAML or JSON here\n',
  );
  expect(OUTPUTS.markdown(some)).toContain('`k8s/broken.yaml:2:7` was not checked');
});
