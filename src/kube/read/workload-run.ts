import type { ReadOptions } from '../fault.ts';
import type { WorkloadKind } from '../objects.ts';
import type { CountOrPercent, DeploymentStrategy, StatefulSetStrategy, WorkloadRunSpec } from '../workload-run.ts';
import { readClaimTemplate } from './claim.ts';
import { readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { readCount, requireAtLeast } from './numbers.ts';
import {
  DEPLOYMENT_ROLLING_FIELDS,
  RETENTION_FIELDS,
  STATEFUL_ROLLING_FIELDS,
  STRATEGY_FIELDS,
} from './running/fields.ts';
import { shown } from './wording.ts';

const DEFAULT_PROGRESS_SECONDS = 600;
const DEFAULT_SHARE: CountOrPercent = { percent: 25 };
const ROLLING = 'RollingUpdate';

/** @param spec as `Field.forRunning` gives it */
export function readWorkloadRun(spec: Field, kind: WorkloadKind, options: ReadOptions): WorkloadRunSpec {
  const minReadySeconds = readCount(spec.child('minReadySeconds')) ?? 0;
  switch (kind) {
    case 'Deployment':
      return { kind, minReadySeconds, ...readDeployment(spec, minReadySeconds) };
    case 'StatefulSet':
      return {
        kind,
        minReadySeconds,
        podManagementPolicy:
          readChoiceOr(spec.child('podManagementPolicy'), ['OrderedReady', 'Parallel'], 'OrderedReady') ??
          'OrderedReady',
        updateStrategy: readStatefulStrategy(spec.child('updateStrategy')),
        volumeClaimTemplates: spec
          .child('volumeClaimTemplates')
          .items()
          .map(item => readClaimTemplate(item, options)),
        claimRetention: readRetention(spec.child('persistentVolumeClaimRetentionPolicy')),
      };
    default:
      return { kind, minReadySeconds };
  }
}

type DeploymentPart = Omit<Extract<WorkloadRunSpec, { kind: 'Deployment' }>, 'kind' | 'minReadySeconds'>;

function readDeployment(spec: Field, minReadySeconds: number): DeploymentPart {
  const progressField = spec.child('progressDeadlineSeconds');
  const progressDeadlineSeconds = readCount(progressField) ?? DEFAULT_PROGRESS_SECONDS;
  if (progressDeadlineSeconds >= 0 && progressDeadlineSeconds <= minReadySeconds) {
    const why = `${progressDeadlineSeconds} is not more than minReadySeconds (${minReadySeconds})`;
    progressField.fault(why, 'write a larger number');
  }
  return {
    strategy: readStrategy(spec.child('strategy')),
    progressDeadlineSeconds,
    paused: spec.child('paused').boolean() ?? false,
  };
}

function readStrategy(field: Field): DeploymentStrategy {
  field.noteUnknownFields(STRATEGY_FIELDS);
  const type = readType(field, ['Recreate', ROLLING]);
  const rolling = field.child('rollingUpdate');
  if (type === 'Recreate') {
    if (rolling.isSet) rolling.fault('it is only allowed with type: RollingUpdate', 'remove it');
    return { type };
  }
  rolling.noteUnknownFields(DEPLOYMENT_ROLLING_FIELDS);
  const unavailable = rolling.child('maxUnavailable');
  const maxSurge = readShare(rolling.child('maxSurge')) ?? DEFAULT_SHARE;
  const maxUnavailable = readShare(unavailable) ?? DEFAULT_SHARE;
  if (isZero(maxSurge) && isZero(maxUnavailable)) {
    unavailable.fault('maxUnavailable and maxSurge are both 0', 'write 1 or more for one of them');
  }
  requireAtMostAll(unavailable, maxUnavailable);
  return { type: ROLLING, maxSurge, maxUnavailable };
}

/** The API names the strategy and not its type. */
function readType<const T extends string>(field: Field, allowed: readonly T[]): T | undefined {
  const type = field.child('type').string() ?? '';
  const found = allowed.find(name => name === type);
  if (found === undefined && type !== '') {
    field.fault(`type ${shown(type)} is not one of ${allowed.join(' and ')}`, `write ${allowed.join(' or ')}`);
  }
  return found;
}

function readStatefulStrategy(field: Field): StatefulSetStrategy {
  field.noteUnknownFields(STRATEGY_FIELDS);
  const type = readType(field, ['OnDelete', ROLLING]);
  const rolling = field.child('rollingUpdate');
  if (type === 'OnDelete') {
    if (rolling.isSet) rolling.fault('it is only allowed with type: RollingUpdate', 'remove it');
    return { type };
  }
  rolling.noteUnknownFields(STATEFUL_ROLLING_FIELDS);
  const unavailable = rolling.child('maxUnavailable');
  const maxUnavailable = readShare(unavailable) ?? { count: 1 };
  if (isZero(maxUnavailable)) unavailable.fault('0 would stop every roll-out', 'write 1 or more, or remove it');
  requireAtMostAll(unavailable, maxUnavailable);
  return { type: ROLLING, partition: readCount(rolling.child('partition')) ?? 0, maxUnavailable };
}

function readRetention(field: Field): Extract<WorkloadRunSpec, { kind: 'StatefulSet' }>['claimRetention'] {
  field.noteUnknownFields(RETENTION_FIELDS);
  const read = (name: string) => readChoiceOr(field.child(name), ['Retain', 'Delete'], 'Retain') ?? 'Retain';
  return { whenDeleted: read('whenDeleted'), whenScaled: read('whenScaled') };
}

/** A count, or text such as `25%`. */
function readShare(field: Field): CountOrPercent | undefined {
  const value = field.integerOrString();
  if (value === undefined) return undefined;
  if (typeof value === 'number') {
    requireAtLeast(field, value, 0);
    return { count: value };
  }
  const percent = /^([0-9]{1,9})%$/.exec(value)?.[1];
  if (percent === undefined) {
    field.fault(`${shown(value)} is neither a number nor a percentage`, 'write a number, or a percentage such as 25%');
    return undefined;
  }
  return { percent: Number(percent) };
}

function isZero(share: CountOrPercent): boolean {
  return 'count' in share ? share.count === 0 : share.percent === 0;
}

function requireAtMostAll(field: Field, share: CountOrPercent): void {
  if ('percent' in share && share.percent > 100)
    field.fault(`${share.percent}% is more than 100%`, 'write 100% or less');
}
