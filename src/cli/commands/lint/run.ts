import { readFile, writeFile } from 'node:fs/promises';
import { messageOf, SwitchboardError, systemCodeOf } from '../../../errors.ts';
import {
  FAIL_ON,
  type FailOn,
  fails,
  isLintFormat,
  type LintConfig,
  type LintInput,
  type LintReport,
  lint,
  NO_CONFIG,
  OUTPUTS,
  type ParseError,
  parseConfig,
  placeText,
  RULES,
  type Rule,
  readBaseline,
  ruleById,
  suppress,
  tally,
  withoutBaseline,
  writeBaseline,
} from '../../../lint/index.ts';
import { EXIT } from '../../exit-codes.ts';
import { message, print } from '../../terminal.ts';
import type { LintFlags } from './flags.ts';
import { nameOfInputs, readInputs } from './inputs.ts';

const CONFIG_FILE = '.switchboard-lint.yaml';

/** @returns the exit code. @throws SWB_NO_INPUT, SWB_INPUT_NOT_FOUND, SWB_INPUT_TOO_LARGE, SWB_USAGE */
export async function runLint(flags: LintFlags): Promise<number> {
  const config = await readConfig(flags.config);
  const failOn = chooseFailOn(flags.failOn) ?? config.failOn ?? 'likely';
  const rules = chooseRules(flags);
  if (flags.writeBaseline && flags.baseline === undefined) {
    throw new SwitchboardError('SWB_USAGE', '--write-baseline needs a file: add --baseline FILE');
  }
  const { inputs, whole, where } = await readInputs(flags);
  const errors = parseErrors(inputs);
  const all = lint(inputs, {
    defaultNamespace: flags.namespace ?? 'default',
    complete: whole || (flags.complete ?? config.complete ?? false),
    rules,
    ...(where === undefined ? {} : { where }),
  });
  const sorted = suppress(all, { inputs, config });
  for (const where of sorted.withoutReason) {
    message(`warning: ${where}  ignored switchboard:ignore without a reason  add one after the rule`);
  }
  if (flags.writeBaseline && flags.baseline !== undefined) {
    await writeOut(flags.baseline, writeBaseline(sorted.kept));
    message(`${flags.baseline}: ${sorted.kept.length} findings written`);
    return printErrors(errors) ? EXIT.input : EXIT.fine;
  }
  const baseline = flags.baseline === undefined ? new Map<string, number>() : await readBaselineFile(flags.baseline);
  const { kept, suppressed } = withoutBaseline(sorted.kept, baseline);
  const report: LintReport = {
    findings: kept,
    suppressed: [...sorted.suppressed, ...suppressed],
    rules,
    failOn,
    files: inputs.map(input => input.file),
    version: await readVersion(),
    errors,
  };
  await writeReport(report, flags);
  const isIncomplete = printErrors(errors);
  if (inputs.every(({ manifest }) => manifest.objects.length + manifest.others.length + manifest.faults.length === 0)) {
    message('note: there is no object in the inputs');
  }
  const hidden = report.suppressed.length === 0 ? '' : `; ${report.suppressed.length} accepted`;
  if (!flags.output.some(output => output.format !== 'table' && output.file === undefined)) {
    message(summary(report, flags, inputs, hidden));
  }
  if (isIncomplete) return EXIT.input;
  return kept.some(finding => fails(finding.confidence, failOn)) ? EXIT.finding : EXIT.fine;
}

/** Text that is neither YAML nor JSON, such as an unrendered template: an error of the input, not a finding. */
function parseErrors(inputs: readonly LintInput[]): ParseError[] {
  return inputs.flatMap(({ file, manifest }) =>
    manifest.faults
      .filter(({ object }) => object === '')
      .map(({ line, col, why, fix }) => ({ file, line, col, message: `${why}  ${fix}` })),
  );
}

function printErrors(errors: readonly ParseError[]): boolean {
  for (const error of errors) message(`error: ${placeText(error)}  ${error.message}`);
  return errors.length > 0;
}

/** Of a file that does not parse in part, the rest is checked; without any objects, nothing is. */
function summary(report: LintReport, flags: LintFlags, inputs: readonly LintInput[], hidden: string): string {
  const broken = new Set(report.errors.map(({ file }) => file));
  const found = `${tally(report.findings)} in ${nameOfInputs(flags, inputs)}${hidden}`;
  if (broken.size === 0) return found;
  const unchecked = inputs.filter(
    ({ file, manifest }) => broken.has(file) && manifest.objects.length + manifest.others.length === 0,
  );
  if (unchecked.length === inputs.length) {
    return `nothing was checked: ${inputs.length === 1 ? 'the input does' : 'the inputs do'} not parse`;
  }
  return `${found}; not everything was checked: ${broken.size} of ${inputs.length} files ${broken.size === 1 ? 'does' : 'do'} not parse`;
}

async function writeReport(report: LintReport, flags: LintFlags): Promise<void> {
  const outputs = flags.output.length === 0 ? [{ format: 'table' }] : flags.output;
  if (outputs.filter(output => !('file' in output)).length > 1) {
    throw new SwitchboardError(
      'SWB_USAGE',
      'only one -o can write to standard output; name files for the others, such as -o sarif=out.sarif',
    );
  }
  for (const output of outputs) {
    if (!isLintFormat(output.format)) continue;
    const text = OUTPUTS[output.format](report);
    if ('file' in output && output.file !== undefined) await writeOut(output.file, text);
    else print(text);
  }
}

async function writeOut(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new SwitchboardError('SWB_USAGE', `cannot write ${file}: ${messageOf(error)}`, { cause: error });
  }
}

async function readConfig(path: string | undefined): Promise<LintConfig> {
  const file = path ?? CONFIG_FILE;
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (path === undefined && systemCodeOf(error) === 'ENOENT') return NO_CONFIG;
    throw new SwitchboardError('SWB_USAGE', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
  const config = parseConfig(text, id => ruleById(id) !== undefined);
  if ('faults' in config) throw new SwitchboardError('SWB_USAGE', `${file}: ${config.faults.join('; ')}`);
  return config;
}

async function readBaselineFile(file: string): Promise<Map<string, number>> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const message = `cannot read ${file} (${messageOf(error)}); create it with --write-baseline`;
    throw new SwitchboardError('SWB_USAGE', message, { cause: error });
  }
  const baseline = readBaseline(text);
  if (baseline === undefined) throw new SwitchboardError('SWB_USAGE', `${file} is not a baseline of switchboard lint`);
  return baseline;
}

function chooseFailOn(text: string | undefined): FailOn | undefined {
  const failOn = FAIL_ON.find(name => name === text);
  if (text !== undefined && failOn === undefined) {
    throw new SwitchboardError('SWB_USAGE', `--fail-on ${text}: unknown confidence; use ${FAIL_ON.join(', ')}`);
  }
  return failOn;
}

function chooseRules(flags: LintFlags): readonly Rule[] {
  for (const id of [...flags.only, ...flags.skip]) {
    if (ruleById(id) === undefined)
      throw new SwitchboardError('SWB_USAGE', `unknown rule ${id}; docs/rules lists the rules`);
  }
  return RULES.filter(
    rule => (flags.only.length === 0 || flags.only.includes(rule.id)) && !flags.skip.includes(rule.id),
  );
}

async function readVersion(): Promise<string> {
  const text = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8');
  const value: unknown = JSON.parse(text);
  return typeof value === 'object' && value !== null && 'version' in value ? String(value.version) : '0.0.0';
}
