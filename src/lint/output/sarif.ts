// The types are generated from the SARIF 2.1.0 schema, so unknown fields and forbidden values do not compile.
import type { Invocation, Log, PhysicalLocation, Result, Suppression } from 'sarif';
import type { Position } from '../../kube/manifest/index.ts';
import { fingerprint } from '../baseline.ts';
import { type Confidence, type Finding, objectText, type Suppressed } from '../finding.ts';
import type { LintReport } from './report.ts';

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json';

const LEVELS: Readonly<Record<Confidence, 'error' | 'warning' | 'note'>> = {
  certain: 'error',
  likely: 'warning',
  hint: 'note',
};

/** SARIF 2.1.0. `results` is present even without findings, since readers take its absence for a failed run. */
export function sarifOutput(report: LintReport): string {
  const { findings, suppressed, rules, version } = report;
  const index = new Map(rules.map((rule, at) => [rule.id, at]));
  const log: Log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'switchboard',
            version,
            semanticVersion: version,
            rules: rules.map(rule => ({
              id: rule.id,
              shortDescription: { text: rule.title },
              help: { text: `docs/rules/${rule.id}.md explains the rule, with examples.` },
              defaultConfiguration: { level: LEVELS[rule.confidence] },
            })),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [invocation(report)],
        results: [
          ...findings.map(finding => result(finding, index)),
          ...suppressed.map(item => ({ ...result(item.finding, index), suppressions: [suppression(item)] })),
        ],
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function result(finding: Finding, index: ReadonlyMap<string, number>): Result {
  const ruleIndex = index.get(finding.rule);
  return {
    ruleId: finding.rule,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[finding.confidence],
    message: { text: `${finding.message} ${finding.fix}` },
    locations: [
      {
        physicalLocation: physicalLocation(finding),
        logicalLocations: [{ fullyQualifiedName: `${objectText(finding)} ${finding.field}`.trimEnd() }],
      },
    ],
    partialFingerprints: { 'switchboard/v1': fingerprint(finding) },
    properties: { confidence: finding.confidence },
  };
}

function physicalLocation({ file, line, col }: Position & { readonly file: string }): PhysicalLocation {
  const region = line === 0 ? {} : { region: { startLine: line, startColumn: col } };
  return { artifactLocation: { uri: uriOf(file) }, ...region };
}

/** What could not be parsed is a notification: it is no result of a rule. */
function invocation({ errors }: LintReport): Invocation {
  const notifications = errors.map(error => ({
    level: 'error' as const,
    message: { text: error.message },
    locations: [{ physicalLocation: physicalLocation(error) }],
  }));
  return { executionSuccessful: errors.length === 0, toolExecutionNotifications: notifications };
}

function suppression(item: Suppressed): Suppression {
  const kind = item.by === 'comment' || item.by === 'annotation' ? 'inSource' : 'external';
  return { kind, status: 'accepted', justification: item.reason };
}

/** A percent-encoded relative reference; accepts both path separators. */
function uriOf(file: string): string {
  const path = file.replaceAll('\\', '/').replace(/^\.\//, '');
  return path.split('/').map(encodeURIComponent).join('/');
}
