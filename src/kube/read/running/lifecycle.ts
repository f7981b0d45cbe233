import type { ContainerRunSpec, LifecycleAction } from '../../running.ts';
import type { Field } from '../field.ts';
import { readActionOf } from '../probes.ts';
import { choices, shown } from '../wording.ts';
import { HANDLER_FIELDS, LIFECYCLE_FIELDS, SLEEP_FIELDS } from './fields.ts';

/** In the API's order, which decides which of several actions has the fault. */
const ACTIONS = ['exec', 'httpGet', 'tcpSocket', 'sleep'] as const;

const SIGNAL =
  /^SIG(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)$/;

export interface LifecycleRules {
  /** Init containers other than sidecars have no hooks. */
  readonly allowed: boolean;
  readonly graceSeconds: number;
}

type Lifecycle = Pick<ContainerRunSpec, 'postStart' | 'preStop' | 'stopSignal'>;

export function readLifecycle(field: Field, { allowed, graceSeconds }: LifecycleRules): Lifecycle {
  if (!field.isSet) return {};
  if (!allowed) {
    field.fault('an init container has no hooks', 'remove it, or write restartPolicy: Always for a sidecar');
    return {};
  }
  field.noteUnknownFields(LIFECYCLE_FIELDS);
  const postStart = readHook(field.child('postStart'), graceSeconds);
  const preStop = readHook(field.child('preStop'), graceSeconds);
  const stopSignal = readStopSignal(field.child('stopSignal'));
  return {
    ...(postStart === undefined ? {} : { postStart }),
    ...(preStop === undefined ? {} : { preStop }),
    ...(stopSignal === undefined ? {} : { stopSignal }),
  };
}

function readHook(hook: Field, graceSeconds: number): LifecycleAction | undefined {
  if (!hook.isSet) return undefined;
  hook.noteUnknownFields(HANDLER_FIELDS);
  const [kind, ...others] = ACTIONS.filter(name => hook.child(name).isSet);
  if (kind === undefined) {
    if (hook.isMapping) hook.fault('the hook has no action', `write ${choices(ACTIONS)} below it`);
    return undefined;
  }
  for (const other of others) hook.child(other).fault(`the hook already has ${kind}`, 'keep one of them');
  if (kind === 'sleep') return readSleep(hook.child(kind), graceSeconds);
  const action = readActionOf(hook.child(kind), kind);
  return action?.kind === 'grpc' ? undefined : action;
}

function readSleep(field: Field, graceSeconds: number): LifecycleAction {
  field.noteUnknownFields(SLEEP_FIELDS);
  const seconds = field.child('seconds').integer({ bits: 64 }) ?? 0;
  if (seconds < 0 || seconds > graceSeconds) {
    // The API names the action here.
    field.fault(
      `${seconds} seconds are not between 0 and terminationGracePeriodSeconds (${graceSeconds})`,
      'write a smaller number, or a longer terminationGracePeriodSeconds',
    );
  }
  return { kind: 'sleep', seconds };
}

/** Clusters drop it unless the feature gate ContainerStopSignals is on, so an unknown signal only gets a note. */
function readStopSignal(field: Field): string | undefined {
  const signal = field.text();
  if (signal === undefined || SIGNAL.test(signal)) return signal;
  field.note(`${shown(signal)} is not a signal and has no effect`, 'write one such as SIGUSR1');
  return undefined;
}
