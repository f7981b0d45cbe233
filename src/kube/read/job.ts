import { parseCron } from '../cron.ts';
import type { ReadOptions } from '../fault.ts';
import type { CronJob, Job, JobSpec } from '../jobs.ts';
import { readChoice, readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem } from './grammar.ts';
import { OBJECT_FIELDS, TEMPLATE_FIELDS } from './known-fields.ts';
import { readLabels, readMeta } from './meta.ts';
import { readCount } from './numbers.ts';
import { CRON_JOB_SPEC_FIELDS, JOB_SPEC_FIELDS } from './running/fields.ts';
import { expressionsMatch, readExpressions } from './selector-expressions.ts';
import { readTemplate } from './template.ts';
import { timeZoneProblem } from './time-zone.ts';
import { shown } from './wording.ts';
import { withLabels } from './workload.ts';

const DEFAULT_BACKOFF_LIMIT = 6;
const MAX_INDEXED_PARALLELISM = 100_000;
/** A CronJob's Jobs are named after it and the time. */
const MAX_CRON_JOB_NAME = 52;
/** They change how a Job runs and are not read. */
const UNREAD = [
  'backoffLimitPerIndex',
  'managedBy',
  'maxFailedIndexes',
  'podFailurePolicy',
  'scheduling',
  'successPolicy',
];

export function readJob(root: Field, options: ReadOptions): Job {
  root.noteUnknownFields(OBJECT_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'namespaced' });
  const field = root.child('spec').forRunning();
  const spec = readJobSpec(field, 'Job');
  requireSelector(field, spec);
  if (spec.completionMode === 'Indexed' && (spec.completions ?? 0) > 0) {
    const hostname = `${meta.name}-${(spec.completions ?? 0) - 1}`;
    const problem = dnsLabelProblem(hostname);
    const name = root.child('metadata').child('name');
    if (problem !== undefined) name.fault(`the host name ${shown(hostname)} of a pod ${problem}`, 'shorten the name');
  }
  return { kind: 'Job', meta: withLabels(meta, spec.template.labels), spec };
}

/** Jobs select their pods by a generated label, unless manualSelector is true. */
function requireSelector(field: Field, { template }: JobSpec): void {
  const selector = field.child('selector');
  if (field.child('manualSelector').boolean() !== true) {
    if (selector.isSet) selector.fault('a Job chooses its selector itself', 'remove it');
    return;
  }
  if (selector.isMissing) {
    selector.fault('manualSelector: true needs a selector', 'write matchLabels below it');
    return;
  }
  const matchLabels = readLabels(selector.child('matchLabels')) ?? {};
  const expressions = readExpressions(selector.child('matchExpressions'));
  const pairs = Object.entries(matchLabels);
  if (pairs.every(([key, value]) => template.labels[key] === value) && expressionsMatch(expressions, template.labels)) {
    return;
  }
  const labels = field.child('template').child('metadata').child('labels');
  labels.fault('the selector does not match them', 'make the selector match the template');
}

function readJobSpec(field: Field, holder: 'Job' | 'CronJob'): JobSpec {
  field.noteUnknownFields(JOB_SPEC_FIELDS);
  const completions = readCount(field.child('completions'));
  const parallelism = readCount(field.child('parallelism'));
  const activeDeadlineSeconds = readSeconds(field.child('activeDeadlineSeconds'));
  const ttlSecondsAfterFinished = readCount(field.child('ttlSecondsAfterFinished'));
  const completionMode = readChoice(field.child('completionMode'), ['NonIndexed', 'Indexed']) ?? 'NonIndexed';
  // A Job with neither runs one pod.
  const wanted = completions ?? (parallelism === undefined ? 1 : undefined);
  // The template of a CronJob has no defaults yet when the API validates it.
  if (completionMode === 'Indexed') requireIndexes(field, holder === 'Job' ? wanted : completions, parallelism);
  return {
    ...(wanted === undefined ? {} : { completions: wanted }),
    parallelism: parallelism ?? 1,
    backoffLimit: readCount(field.child('backoffLimit')) ?? DEFAULT_BACKOFF_LIMIT,
    ...(activeDeadlineSeconds === undefined ? {} : { activeDeadlineSeconds }),
    completionMode,
    suspend: field.child('suspend').boolean() ?? false,
    ...(ttlSecondsAfterFinished === undefined ? {} : { ttlSecondsAfterFinished }),
    template: readTemplate(field.child('template'), { run: true, restart: 'ends' }),
    unsupported: UNREAD.filter(name => field.child(name).isSet),
  };
}

function requireIndexes(field: Field, completions: number | undefined, parallelism: number | undefined): void {
  if (completions === undefined) {
    field.child('completions').fault('completionMode: Indexed needs completions', 'write the number of indexes');
  }
  if ((parallelism ?? 0) > MAX_INDEXED_PARALLELISM) {
    const why = `${parallelism} is too large; at most ${MAX_INDEXED_PARALLELISM} pods may run at once`;
    field.child('parallelism').fault(why, 'write a smaller number');
  }
}

function readSeconds(field: Field): number | undefined {
  const seconds = field.integer({ bits: 64 });
  if (seconds !== undefined && seconds < 0) field.fault(`${seconds} is too small`, 'write 0 or more');
  return seconds;
}

export function readCronJob(root: Field, options: ReadOptions): CronJob {
  root.noteUnknownFields(OBJECT_FIELDS);
  const meta = readMeta(root.child('metadata'), options, { scope: 'namespaced' });
  if (meta.name.length > MAX_CRON_JOB_NAME) {
    const why = `${shown(meta.name)} has ${meta.name.length} characters; at most ${MAX_CRON_JOB_NAME} are allowed`;
    root.child('metadata').child('name').fault(why, 'shorten it');
  }
  const spec = root.child('spec').forRunning();
  spec.noteUnknownFields(CRON_JOB_SPEC_FIELDS);
  const timeZone = readTimeZone(spec.child('timeZone'));
  const startingDeadlineSeconds = readSeconds(spec.child('startingDeadlineSeconds'));
  return {
    kind: 'CronJob',
    meta,
    schedule: readSchedule(spec.child('schedule')),
    ...(timeZone === undefined ? {} : { timeZone }),
    concurrencyPolicy:
      readChoiceOr(spec.child('concurrencyPolicy'), ['Allow', 'Forbid', 'Replace'], 'Allow') ?? 'Allow',
    suspend: spec.child('suspend').boolean() ?? false,
    ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
    successfulJobsHistoryLimit: readCount(spec.child('successfulJobsHistoryLimit')) ?? 3,
    failedJobsHistoryLimit: readCount(spec.child('failedJobsHistoryLimit')) ?? 1,
    jobTemplate: readJobTemplate(spec.child('jobTemplate')),
  };
}

function readJobTemplate(field: Field): CronJob['jobTemplate'] {
  field.noteUnknownFields(TEMPLATE_FIELDS);
  const spec = field.child('spec');
  const selector = spec.child('selector');
  if (selector.isSet) selector.fault('a Job chooses its selector itself', 'remove it');
  if (spec.child('manualSelector').boolean() === true) {
    spec.child('manualSelector').fault('true is not allowed in a CronJob', 'remove it');
  }
  return {
    // The API does not validate them.
    labels: field.child('metadata').child('labels').stringMap() ?? {},
    annotations: field.child('metadata').child('annotations').stringMap() ?? {},
    spec: readJobSpec(spec, 'CronJob'),
  };
}

function readSchedule(field: Field): string {
  const schedule = field.string() ?? '';
  if (!field.isText) return schedule;
  if (schedule === '') {
    field.fault('the schedule is missing', 'write five fields such as "*/5 * * * *", or @hourly');
    return schedule;
  }
  if (schedule.includes('TZ')) {
    field.fault(`${shown(schedule)} contains a time zone`, 'write it in timeZone');
    return schedule;
  }
  const parsed = parseCron(schedule);
  if (parsed.status === 'invalid') {
    field.fault(`${shown(schedule)} is not a schedule: ${parsed.why}`, 'write five fields such as "*/5 * * * *"');
  }
  return schedule;
}

function readTimeZone(field: Field): string | undefined {
  const zone = field.string();
  const problem = zone === undefined ? undefined : timeZoneProblem(zone);
  if (problem !== undefined) field.fault(`${shown(zone)} ${problem}`, 'write a name such as Europe/Berlin or Etc/UTC');
  return zone;
}
