/** Valid and invalid Jobs and CronJobs. */
import fc from 'fast-check';
import { selectedVersion } from '../../testing/control-plane/index.ts';
import { type Changes, CONTAINER, casesOf, each, sampled } from './cases.ts';
import type { Case } from './compare.ts';

const JOB_SPEC = { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } };
const JOB = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'seed' }, spec: JOB_SPEC };
const COUNTS = [0, 1, 5, -1, '1', null, 1.5];

const jobChanges = (spec: string): Changes => [
  ...['completions', 'parallelism', 'backoffLimit', 'activeDeadlineSeconds', 'ttlSecondsAfterFinished'].flatMap(name =>
    each(`${spec}.${name}`, COUNTS),
  ),
  ...each(`${spec}.completionMode`, ['NonIndexed', 'Indexed', 'x', '', null]),
  ...each(`${spec}.suspend`, [true, null, 'x']),
  ...each(`${spec}.template.spec.restartPolicy`, ['Never', 'OnFailure', 'Always', undefined, '', 'x']),
  ...each(`${spec}.template.spec.activeDeadlineSeconds`, [5, 0]),
  ...each(`${spec}.template.spec.containers`, [[], [{ name: 'A', image: 'a' }]]),
  ...each(`${spec}.template`, [undefined, {}, 'x']),
  [
    [`${spec}.completionMode`, 'Indexed'],
    [`${spec}.completions`, 3],
  ],
  [
    [`${spec}.completionMode`, 'Indexed'],
    [`${spec}.parallelism`, 2],
  ],
  [
    [`${spec}.completionMode`, 'Indexed'],
    [`${spec}.completions`, 3],
    [`${spec}.parallelism`, 100_001],
  ],
  ...each(`${spec}.podReplacementPolicy`, ['Failed']),
];

const MANUAL = 'spec.manualSelector';
const JOB_CHANGES: Changes = [
  ...each('metadata.name', ['a.b', 'A', '', 'a'.repeat(63)]),
  ...each('metadata.labels', [{ a: 'b' }]),
  ...each('spec', [undefined, {}, 'x']),
  ...jobChanges('spec'),
  ...each('spec.template.metadata.labels', [{ app: 'seed' }, { app: 'a b' }]),
  [
    ['metadata.name', 'a.b'],
    ['spec.completionMode', 'Indexed'],
    ['spec.completions', 3],
  ],
  [[MANUAL, true]],
  [
    [MANUAL, true],
    ['spec.selector', { matchLabels: { app: 'seed' } }],
  ],
  [
    [MANUAL, true],
    ['spec.selector', { matchLabels: { app: 'seed' } }],
    ['spec.template.metadata.labels', { app: 'seed' }],
  ],
];

const CRON_JOB = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'report' },
  spec: { schedule: '*/5 * * * *', jobTemplate: { spec: JOB_SPEC } },
};

const SCHEDULES = [
  '* * * * *',
  '0 0 1 1 *',
  '*/15 0-5,22 1,15 jan-mar MON-FRI',
  '? ? ? ? ?',
  '5/10 * * * *',
  '1,,2 * * * *',
  ', * * * *',
  '@hourly',
  '@daily',
  '@midnight',
  '@weekly',
  '@monthly',
  '@yearly',
  '@annually',
  '@Hourly',
  '@reboot',
  '@every 5m',
  '@every 1h30m',
  '@every 1.5h',
  '@every x',
  '@every',
  '@every 5',
  '@every  5m',
  '@every -5m',
  '',
  ' ',
  '* * * *',
  '* * * * * *',
  '60 * * * *',
  '* 24 * * *',
  '* * 0 * *',
  '* * 32 * *',
  '* * * 13 *',
  '* * * 0 *',
  '* * * * 7',
  '* * * * 0',
  '* * * * sunday',
  '5-1 * * * *',
  '1-2-3 * * * *',
  '*/0 * * * *',
  '1/2/3 * * * *',
  '-1 * * * *',
  'a * * * *',
  '*-5 * * * *',
  '*/ * * * *',
  '+5 * * * *',
  '5- * * * *',
  '  * *  * * * ',
  '\t* * * * *',
  'TZ=UTC * * * * *',
  'CRON_TZ=Europe/Berlin * * * * *',
  '*/90 * * * *',
  '0 0 L * *',
  '#5 * * * *',
  '1-5/2 * * * *',
];
/** Kubernetes 1.34 crashes on it. */
const CRASHING = selectedVersion() === '1.34' ? [] : ['TZ=0'];
const ZONES = [
  'UTC',
  'Etc/UTC',
  'Europe/Berlin',
  'America/Argentina/Buenos_Aires',
  'Local',
  'local',
  '',
  'x',
  'Europe/Nowhere',
  '../etc',
  'Europe/../UTC',
  '/UTC',
  'UTC/',
  '+01:00',
  'EST5EDT',
  'Etc/GMT+5',
  '-x',
  null,
  5,
];

const PART = fc
  .tuple(
    fc.constantFrom('*', '?', '0', '1', '5', '12', '31', '59', 'jan', 'Mon', 'x', ''),
    fc.constantFrom('', '', '', '-7', '-30', '-fri', '-', '-1-2'),
    fc.constantFrom('', '', '', '/2', '/0', '/70', '/x'),
  )
  .map(parts => parts.join(''));
const ANY_SCHEDULE = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('*') },
      PART,
      fc.tuple(PART, PART).map(parts => parts.join(',')),
    ),
    {
      minLength: 5,
      maxLength: 5,
    },
  )
  .map(parts => parts.join(' '));

const CRON_CHANGES: Changes = [
  ...each('spec.schedule', sampled(ANY_SCHEDULE, 400)),
  ...each('metadata.name', ['a.b', 'A', '', 'a'.repeat(52), 'a'.repeat(53)]),
  ...each('spec.schedule', [...SCHEDULES, ...CRASHING, undefined, null, 5]),
  ...each('spec.timeZone', ZONES),
  ...each('spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace', 'x', '', null]),
  ...each('spec.suspend', [true, null, 'x']),
  ...each('spec.startingDeadlineSeconds', COUNTS),
  ...each('spec.successfulJobsHistoryLimit', COUNTS),
  ...each('spec.failedJobsHistoryLimit', COUNTS),
  ...each('spec.jobTemplate', [undefined, {}, 'x']),
  ...jobChanges('spec.jobTemplate.spec'),
  ...each('spec.jobTemplate.spec.selector', [{ matchLabels: { a: 'b' } }]),
  ...each('spec.jobTemplate.spec.manualSelector', [true, false]),
  ...each('spec.jobTemplate.metadata.labels', [{ a: 'b' }, { a: 'b c' }]),
  ...each('spec.jobTemplate.metadata.annotations', [{ a: 'b' }]),
];

export const jobCases = (): readonly Case[] => casesOf('Job', JOB, JOB_CHANGES);
export const cronJobCases = (): readonly Case[] => casesOf('CronJob', CRON_JOB, CRON_CHANGES);
