import { canonicalAddress } from '../../net/index.ts';
import type { ReadOptions } from '../fault.ts';
import type { Pod, PodCondition, PodPhase, PodSpec, PodStatus } from '../objects.ts';
import { readContainers } from './containers.ts';
import { readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, dnsSubdomainProblem, qualifiedNameProblem } from './grammar.ts';
import { OBJECT_FIELDS, POD_SPEC_FIELDS } from './known-fields.ts';
import { readMeta } from './meta.ts';
import { readOptionalName } from './optional-name.ts';
import { finished, readPodRun } from './running/index.ts';
import { choices, shown } from './wording.ts';

const PHASES: readonly PodPhase[] = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'];
const DEFAULT_GRACE_SECONDS = 30;

export function readPod(root: Field, options: ReadOptions): Pod {
  root.noteUnknownFields(OBJECT_FIELDS);
  return {
    kind: 'Pod',
    meta: readMeta(root.child('metadata'), options, { scope: 'namespaced' }),
    spec: readPodSpec(root.child('spec'), 'pod', {
      run: options.run ?? false,
      podName: root.child('metadata').child('name').text(),
    }),
    status: readPodStatus(root.child('status')),
  };
}

export interface PodSpecOptions {
  /** Also reads what only running the pod needs. */
  readonly run: boolean;
  readonly podName?: string | undefined;
  /** Names of volumes that the workload adds. */
  readonly claims?: readonly string[];
  /** The workload's pods may have a deadline. Default: false. */
  readonly deadline?: boolean;
}

/** Reads the spec of a pod, or of a template, in which the API does not fill in host ports. */
export function readPodSpec(spec: Field, place: 'pod' | 'template', options: PodSpecOptions = { run: false }): PodSpec {
  spec.noteUnknownFields(POD_SPEC_FIELDS);
  const hostNetwork = spec.child('hostNetwork').boolean() ?? false;
  // The API makes negative values 1 in pods; it keeps them in templates, and the kubelet then uses 1.
  const grace = spec.child('terminationGracePeriodSeconds').integer({ bits: 64 }) ?? DEFAULT_GRACE_SECONDS;
  const usedGrace = grace < 0 ? 1 : grace;
  const { run, deadline = false, ...more } = options;
  const runOptions = { place, deadline, hostNetwork, graceSeconds: place === 'pod' ? usedGrace : grace, ...more };
  const running = run ? readPodRun(spec.forRunning(), runOptions) : undefined;
  const containers = readContainers(spec, { hostNetwork, place, run: running?.rules });
  const nodeName = readOptionalName(spec.child('nodeName'), dnsSubdomainProblem);
  const hostname = readOptionalName(spec.child('hostname'), dnsLabelProblem);
  const subdomain = readOptionalName(spec.child('subdomain'), dnsLabelProblem);
  const accountField = spec.child('serviceAccountName');
  // The older name of the field.
  const account = accountField.text() ?? spec.child('serviceAccount').text();
  const serviceAccountName = readOptionalName(accountField, dnsSubdomainProblem, account);
  return {
    ...containers,
    ...(nodeName === undefined ? {} : { nodeName }),
    ...(hostname === undefined ? {} : { hostname }),
    ...(subdomain === undefined ? {} : { subdomain }),
    hostNetwork,
    enableServiceLinks: spec.child('enableServiceLinks').boolean() ?? true,
    restartPolicy: readChoiceOr(spec.child('restartPolicy'), ['Always', 'OnFailure', 'Never'], 'Always') ?? 'Always',
    terminationGracePeriodSeconds: usedGrace,
    readinessGates: spec.child('readinessGates').items().map(readReadinessGate),
    ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
    ...(running === undefined ? {} : { run: finished(running.run, running.rules) }),
  };
}

function readReadinessGate(gate: Field): string {
  const field = gate.child('conditionType');
  const type = field.string() ?? '';
  const problem = field.isText ? qualifiedNameProblem(type) : undefined;
  if (problem !== undefined)
    field.fault(`${shown(type)} ${problem}`, 'name a condition, such as example.com/in-rotation');
  return type;
}

/** The API drops the status on create, so invalid values in it get a note, are ignored, and do not reject the pod. */
function readPodStatus(status: Field): PodStatus {
  const phase = status.child('phase').text();
  const knownPhase = PHASES.find(name => name === phase);
  if (phase !== undefined && knownPhase === undefined) {
    status.child('phase').note(`${shown(phase)} is not a pod phase; Unknown is used`, `write ${choices(PHASES)}`);
  }
  return {
    phase: knownPhase ?? (phase === undefined ? 'Pending' : 'Unknown'),
    podIPs: readPodIPs(status),
    conditions: status.child('conditions').items().map(readCondition),
  };
}

/** podIPs starts with podIP by the API's rule; old objects have only podIP. */
function readPodIPs(status: Field): readonly string[] {
  const fields = [
    status.child('podIP'),
    ...status
      .child('podIPs')
      .items()
      .map(item => item.child('ip')),
  ];
  const addresses = new Set<string>();
  for (const field of fields) {
    const text = field.text();
    if (text === undefined) continue;
    const address = canonicalAddress(text);
    if (address === undefined)
      field.note(`${shown(text)} is not an IP address and is ignored`, 'write an IPv4 or IPv6 address');
    else addresses.add(address);
  }
  return [...addresses];
}

function readCondition(field: Field): PodCondition {
  const status = field.child('status').string();
  const reason = field.child('reason').text();
  const message = field.child('message').text();
  return {
    type: field.child('type').string() ?? '',
    status: status === 'True' || status === 'False' ? status : 'Unknown',
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}
