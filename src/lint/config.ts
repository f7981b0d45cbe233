/**
 * `.switchboard-lint.yaml`:
 *
 *     failOn: likely
 *     complete: true
 *     ignore:
 *       - rules: [R39]
 *         paths: ['charts/legacy/**']
 *         objects: ['Deployment shop/*']
 *         reason: no probes before the move
 *
 * @module
 */
import { load } from 'js-yaml';
import { Field, Report } from '../kube/read/index.ts';
import { CONFIDENCES, type Confidence } from './finding.ts';

export type FailOn = Confidence | 'never';

export const FAIL_ON: readonly FailOn[] = [...CONFIDENCES, 'never'];

export interface LintConfig {
  readonly failOn?: FailOn;
  readonly complete?: boolean;
  readonly ignore: readonly {
    readonly rules: readonly string[];
    /** Globs; empty: all. */
    readonly paths: readonly string[];
    readonly objects: readonly string[];
    readonly reason: string;
  }[];
}

export const NO_CONFIG: LintConfig = { ignore: [] };

/** @returns the config, or its faults, one line each */
export function parseConfig(text: string, isRule: (id: string) => boolean): LintConfig | { readonly faults: string[] } {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : load(text);
  } catch (error) {
    return { faults: [`it is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`] };
  }
  const report = new Report();
  const root = new Field(value ?? {}, '', report);
  root.noteUnknownFields(['failOn', 'complete', 'ignore']);
  const failOnField = root.child('failOn');
  const failOnText = failOnField.string();
  const failOn = FAIL_ON.find(name => name === failOnText);
  if (failOnText !== undefined && failOn === undefined)
    failOnField.fault(`"${failOnText}" is not one of the levels`, `write ${FAIL_ON.join(', ')}`);
  const complete = root.child('complete').boolean();
  const ignore = root
    .child('ignore')
    .items()
    .map(item => {
      item.noteUnknownFields(['rules', 'paths', 'objects', 'reason']);
      const rules = item.child('rules').strings();
      const reason = item.child('reason').text() ?? '';
      if (rules.length === 0) item.fault('the entry names no rules', 'write rules: [R15]');
      for (const rule of rules)
        if (!isRule(rule))
          item.child('rules').fault(`there is no rule "${rule}"`, 'write a rule of docs/rules, such as R15');
      if (reason === '') item.fault('the reason is missing', 'write reason: and why this is accepted');
      return { rules, paths: item.child('paths').strings(), objects: item.child('objects').strings(), reason };
    });
  const faults = [...report.faults, ...report.notes].map(({ field, why, fix }) => `${field}: ${why}; ${fix}`);
  if (faults.length > 0) return { faults };
  return { ...(failOn === undefined ? {} : { failOn }), ...(complete === undefined ? {} : { complete }), ignore };
}
