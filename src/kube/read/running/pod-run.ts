import { DNS_POLICIES, type PodRunSpec } from '../../running.ts';
import { readChoiceOr } from '../enums.ts';
import type { Field } from '../field.ts';
import { dnsSubdomainProblem } from '../grammar.ts';
import { readLabels } from '../meta.ts';
import { shown } from '../wording.ts';
import type { RunRules } from './container-run.ts';
import { readDnsConfig, readHostAliases } from './dns.ts';
import { LOCAL_REFERENCE_FIELDS, OS_FIELDS } from './fields.ts';
import { readPodSecurity } from './security.ts';
import { readVolumes } from './volumes.ts';

export interface PodRunOptions {
  readonly place: 'pod' | 'template';
  readonly podName?: string | undefined;
  /** Names of volumes that the workload adds: claims of a StatefulSet. */
  readonly claims?: readonly string[];
  /** true: a Job's pods may have a deadline; those of other workloads may not. */
  readonly deadline: boolean;
  readonly hostNetwork: boolean;
  /** As the API validates it: in a template it may be negative. */
  readonly graceSeconds: number;
}

const MAX_INT_32 = 2 ** 31 - 1;
const MAX_OVERRIDE_LENGTH = 64;
/** They change how a pod runs and are not read. Those that only choose a node or an order are not among them. */
const UNREAD = ['hostUsers', 'resources', 'runtimeClassName', 'schedulingGroup'];
const UNREAD_LISTS = ['ephemeralContainers', 'resourceClaims', 'schedulingGates'];

/**
 * Reads the pod's part, and what its containers need of it. Its `unsupported` is complete only after they are read:
 * see {@link finished}.
 *
 * @param spec as `Field.forRunning` gives it
 */
export function readPodRun(
  spec: Field,
  options: PodRunOptions,
): { readonly run: Omit<PodRunSpec, 'unsupported'>; readonly rules: RunRules } {
  const { hostNetwork, graceSeconds } = options;
  const unsupported = new Set<string>();
  const volumes = readVolumes(spec.child('volumes'), { podName: options.podName, unsupported });
  const claims = options.claims ?? [];
  const emptyDirs = volumes.filter(({ name, source }) => source.kind === 'emptyDir' && !claims.includes(name));
  const hostPID = spec.child('hostPID').boolean() ?? false;
  const hostIPC = spec.child('hostIPC').boolean() ?? false;
  const dnsPolicy = readChoiceOr(spec.child('dnsPolicy'), DNS_POLICIES, 'ClusterFirst') ?? 'ClusterFirst';
  const setHostnameAsFQDN = spec.child('setHostnameAsFQDN').boolean() ?? false;
  const override = readOverride(spec.child('hostnameOverride'), { setHostnameAsFQDN, hostNetwork });
  const deadline = readDeadline(spec.child('activeDeadlineSeconds'), options);
  const automount = spec.child('automountServiceAccountToken').boolean();
  const os = readOs(spec.child('os'));
  const shareProcessNamespace = spec.child('shareProcessNamespace').boolean() ?? false;
  if (shareProcessNamespace && hostPID) {
    spec.child('shareProcessNamespace').fault('shareProcessNamespace and hostPID are both true', 'remove one of them');
  }
  for (const name of UNREAD) if (spec.child(name).isSet) unsupported.add(name);
  for (const name of UNREAD_LISTS) if (spec.child(name).items().length > 0) unsupported.add(name);
  return {
    run: {
      volumes,
      dnsPolicy,
      dnsConfig: readDnsConfig(spec.child('dnsConfig'), dnsPolicy),
      hostAliases: readHostAliases(spec.child('hostAliases')),
      setHostnameAsFQDN,
      ...(override === undefined ? {} : { hostnameOverride: override }),
      imagePullSecrets: readReferences(spec.child('imagePullSecrets')),
      securityContext: readPodSecurity(spec.child('securityContext'), { hostNetwork, hostIPC, unsupported }),
      shareProcessNamespace,
      hostPID,
      hostIPC,
      ...(deadline === undefined ? {} : { activeDeadlineSeconds: deadline }),
      ...(automount === undefined ? {} : { automountServiceAccountToken: automount }),
      nodeSelector: readLabels(spec.child('nodeSelector')) ?? {},
      ...(os === undefined ? {} : { os }),
    },
    rules: {
      place: options.place,
      volumes: new Set([...volumes.map(({ name }) => name), ...claims]),
      emptyDirs: new Set(emptyDirs.map(({ name }) => name)),
      graceSeconds,
      unsupported,
    },
  };
}

/** Adds what was recorded as not read. */
export function finished(run: Omit<PodRunSpec, 'unsupported'>, { unsupported }: RunRules): PodRunSpec {
  return { ...run, unsupported: [...unsupported].sort() };
}

function readOverride(
  field: Field,
  { setHostnameAsFQDN, hostNetwork }: { readonly setHostnameAsFQDN: boolean; readonly hostNetwork: boolean },
): string | undefined {
  const name = field.string();
  if (name === undefined) return undefined;
  if (setHostnameAsFQDN) field.fault('it cannot be combined with setHostnameAsFQDN: true', 'remove one of them');
  if (hostNetwork) field.fault('it cannot be combined with hostNetwork: true', 'remove one of them');
  const problem =
    name.length > MAX_OVERRIDE_LENGTH
      ? `has ${name.length} characters; at most ${MAX_OVERRIDE_LENGTH} are allowed`
      : dnsSubdomainProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'choose another name, or remove it');
  return name;
}

function readDeadline(field: Field, { place, deadline }: PodRunOptions): number | undefined {
  const seconds = field.integer({ bits: 64 });
  if (seconds === undefined) return undefined;
  if (seconds < 1 || seconds > MAX_INT_32) {
    field.fault(`${seconds} is not between 1 and ${MAX_INT_32}`, 'write a number of seconds');
  }
  if (place === 'template' && !deadline) field.fault('the pods of this workload cannot have a deadline', 'remove it');
  return seconds;
}

export function readReferences(field: Field): readonly string[] {
  return field.items().flatMap(item => {
    item.noteUnknownFields(LOCAL_REFERENCE_FIELDS);
    return item.child('name').text() ?? [];
  });
}

/** The API names `os`, and not its name, for an unknown system. */
function readOs(field: Field): PodRunSpec['os'] {
  if (!field.isSet) return undefined;
  field.noteUnknownFields(OS_FIELDS);
  const nameField = field.child('name');
  const name = nameField.text();
  if (name === 'linux' || name === 'windows') return name;
  if (name !== undefined) field.fault(`${shown(name)} is not a system`, 'write linux or windows');
  else if (nameField.isText && field.isMapping) nameField.fault('the system is missing', 'write linux or windows');
  return undefined;
}
