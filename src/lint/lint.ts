import { bounded } from '../kube/read/index.ts';
import { LintContext, type LintOptions } from './context.ts';
import { compareFindings, type Finding, type Problem } from './finding.ts';
import type { LintInput } from './inventory.ts';
import type { Rule } from './rule.ts';
import { RULES } from './rules/index.ts';

/** Longer than any finding without values: rules read kinds that nothing has validated. */
const MAX_TEXT_LENGTH = 1_000;

/** Checks the inputs with all rules, or with `options.rules`. Returns the findings in a stable order. Pure. */
export function lint(
  inputs: readonly LintInput[],
  options: LintOptions & { readonly rules?: readonly Rule[] },
): Finding[] {
  const context = new LintContext(inputs, options);
  const findings: Finding[] = [];
  for (const rule of options.rules ?? RULES) {
    for (const problem of rule.check(context)) findings.push(placed(rule, problem));
  }
  return unique(findings.sort(compareFindings));
}

function placed(rule: Rule, problem: Problem): Finding {
  const { subject, field, message, fix, patch } = problem;
  const { line, col } = subject.position(field);
  return {
    rule: rule.id,
    title: rule.title,
    confidence: problem.confidence ?? rule.confidence,
    kind: subject.kind,
    namespace: subject.namespace,
    name: bounded(subject.name),
    field: bounded(field),
    file: subject.file,
    line,
    col,
    message: bounded(message, MAX_TEXT_LENGTH),
    fix: bounded(fix, MAX_TEXT_LENGTH),
    ...(patch === undefined ? {} : { patch }),
  };
}

/** Drops duplicates of equal findings. */
function unique(findings: readonly Finding[]): Finding[] {
  const seen = new Set<string>();
  return findings.filter(finding => {
    const key = JSON.stringify(finding);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
