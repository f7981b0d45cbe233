/** What a manifest asks for and a pod cannot have here. Pure. */
import type { Container, KubeObject, Pod } from '../kube/index.ts';
import type { Runtime } from './runtime.ts';

export interface Finding {
  /** Below `spec` of the pod, without indices. */
  readonly field: string;
  /** What happens instead. */
  readonly why: string;
}

/** Each field once. */
export function podFindings(pod: Pod, runtime: Runtime): Finding[] {
  const found = new Map<string, string>();
  const note: Note = (isSet, field, why) => {
    if (isSet === true && !found.has(field)) found.set(field, why);
  };
  const { run } = pod.spec;
  if (run === undefined) return [];
  for (const field of run.unsupported) note(true, field, 'it is not supported');
  if (runtime === 'process') noteProcesses(pod.spec, note);
  else noteContainers(pod.spec, note);
  note(run.setHostnameAsFQDN, 'setHostnameAsFQDN', 'the host name is the short one');
  note(run.hostnameOverride !== undefined, 'hostnameOverride', 'the host name is that of the pod');
  note(run.dnsPolicy !== 'ClusterFirst', 'dnsPolicy', 'pods ask the DNS server of Switchboard');
  const { nameservers, searches, options } = run.dnsConfig;
  note(nameservers.length + searches.length + options.length > 0, 'dnsConfig', 'it is not merged into resolv.conf');
  note(run.activeDeadlineSeconds !== undefined, 'activeDeadlineSeconds', 'the pod runs on');
  noteVolumes(run, note);
  for (const [list, containers] of listsOf(pod.spec)) {
    for (const { run: own, env } of containers) {
      const isFile = env.some(({ source }) => source.kind === 'file');
      note(isFile, `${list}.env.valueFrom.fileKeyRef`, 'such variables are not read');
      const propagates = own?.volumeMounts.some(mount => mount.mountPropagation !== 'None');
      note(propagates, `${list}.volumeMounts.mountPropagation`, 'mounts stay within the container');
    }
  }
  return [...found].map(([field, why]) => ({ field, why }));
}

function listsOf({ containers, initContainers }: Pod['spec']) {
  return [
    ['containers', containers],
    ['initContainers', initContainers],
  ] as const;
}

/** What the engine could do, and Switchboard does not ask of it. */
function noteContainers(spec: Pod['spec'], note: Note): void {
  const { run } = spec;
  note(spec.hostNetwork, 'hostNetwork', 'the pod has an address of its own');
  note(run?.hostPID, 'hostPID', 'pods see their own processes only');
  note(run?.hostIPC, 'hostIPC', 'each pod has its own');
  note(run?.securityContext.seccompProfile?.type === 'Localhost', 'securityContext.seccompProfile', NO_PROFILE);
  note(run?.os === 'windows', 'os', 'the containers run on Linux');
  for (const [list, containers] of listsOf(spec)) {
    for (const { run: own } of containers) {
      const isLocalhost = own?.securityContext.seccompProfile?.type === 'Localhost';
      note(isLocalhost, `${list}.securityContext.seccompProfile`, NO_PROFILE);
    }
  }
}

const NO_PROFILE = 'the profile of the container engine is used';

function noteProcesses(spec: Pod['spec'], note: Note): void {
  const { run } = spec;
  if (run === undefined) return;
  const security = run.securityContext;
  const user = 'pods that run as processes run as you';
  note(security.runAsUser !== undefined, 'securityContext.runAsUser', user);
  note(security.runAsGroup !== undefined, 'securityContext.runAsGroup', user);
  note(security.fsGroup !== undefined, 'securityContext.fsGroup', 'files belong to you');
  note(security.supplementalGroups.length > 0, 'securityContext.supplementalGroups', user);
  note(security.sysctls.length > 0, 'securityContext.sysctls', 'the settings are those of this machine');
  note(security.seccompProfile?.type === 'Localhost', 'securityContext.seccompProfile', 'no profile is loaded');
  note(run.shareProcessNamespace, 'shareProcessNamespace', 'containers see all processes of all pods in any case');
  note(run.hostPID, 'hostPID', 'pods see the processes of all pods');
  note(run.hostIPC, 'hostIPC', 'each pod has its own');
  note(run.os === 'windows', 'os', 'the commands run on this system');
  for (const [list, containers] of listsOf(spec)) {
    for (const container of containers) noteProcess(list, container, note);
  }
}

type Note = (isSet: boolean | undefined, field: string, why: string) => void;

function noteVolumes(run: Pod['spec']['run'], note: Note): void {
  for (const { source } of run?.volumes ?? []) {
    if (source.kind === 'emptyDir') {
      note(!['', 'Memory'].includes(source.medium), 'volumes.emptyDir.medium', 'the folder is on the disk');
      const isLimited = source.medium === '' && source.sizeLimit !== undefined;
      note(isLimited, 'volumes.emptyDir.sizeLimit', 'the size is limited for medium: Memory only');
    }
    if (source.kind !== 'projected') continue;
    const hasToken = source.sources.some(({ kind }) => kind === 'serviceAccountToken');
    note(hasToken, 'volumes.projected.serviceAccountToken', 'nobody issues tokens here, so the file is left out');
  }
}

function noteProcess(list: string, { run }: Container, note: Note): void {
  if (run === undefined) return;
  const at = (field: string): string => `${list}.${field}`;
  const { securityContext: security, limits } = run;
  const user = 'pods that run as processes run as you';
  note(security.runAsUser !== undefined, at('securityContext.runAsUser'), user);
  note(security.runAsGroup !== undefined, at('securityContext.runAsGroup'), user);
  note(security.privileged, at('securityContext.privileged'), 'processes have your rights');
  note(security.addCapabilities.length > 0, at('securityContext.capabilities.add'), 'processes have your rights');
  note(security.readOnlyRootFilesystem, at('securityContext.readOnlyRootFilesystem'), "files are this machine's own");
  note(security.seccompProfile?.type === 'Localhost', at('securityContext.seccompProfile'), 'no profile is loaded');
  note(limits.cpu !== undefined, at('resources.limits.cpu'), 'it is not enforced');
  note(limits.memory !== undefined, at('resources.limits.memory'), 'it is not enforced');
}

/** What a workload asks for and does not get here. */
export function workloadFindings(object: KubeObject): Finding[] {
  if (object.kind === 'Job') return unreadOf(object.spec.unsupported);
  if (object.kind === 'CronJob') {
    const deadline = object.startingDeadlineSeconds === undefined ? [] : ['startingDeadlineSeconds'];
    return [...unreadOf(object.jobTemplate.spec.unsupported), ...unreadOf(deadline)];
  }
  if (!('template' in object)) return [];
  const { run } = object;
  if (run?.kind === 'Deployment') {
    return [
      ...(run.paused ? [{ field: 'paused', why: 'the template takes effect at once' }] : []),
      ...(run.progressDeadlineSeconds === DEFAULT_PROGRESS_SECONDS
        ? []
        : [{ field: 'progressDeadlineSeconds', why: 'a roll-out has all the time that it needs' }]),
    ];
  }
  if (run?.kind !== 'StatefulSet') return [];
  const deletes = Object.values(run.claimRetention).includes('Delete');
  const why = 'claims are kept until switchboard volumes rm';
  return deletes ? [{ field: 'persistentVolumeClaimRetentionPolicy', why }] : [];
}

const DEFAULT_PROGRESS_SECONDS = 600;

function unreadOf(fields: readonly string[]): Finding[] {
  return fields.map(field => ({ field, why: 'it is not supported' }));
}

/** Collects findings, so that each field is named once, with all that have it. */
export class FindingLog {
  readonly #named = new Set<string>();

  /** @returns a line for each field that was not named before */
  linesFor(objects: readonly KubeObject[], runtimeOf: (pod: Pod) => Runtime | undefined = () => 'process'): string[] {
    const subjects = new Map<string, { readonly why: string; readonly names: Set<string> }>();
    for (const object of objects) {
      const findings =
        object.kind === 'Pod' ? podFindings(object, runtimeOf(object) ?? 'process') : workloadFindings(object);
      for (const { field, why } of findings) {
        if (this.#named.has(field)) continue;
        const entry = subjects.get(field) ?? { why, names: new Set() };
        entry.names.add(subjectOf(object));
        subjects.set(field, entry);
      }
    }
    return [...subjects].map(([field, { why, names }]) => {
      this.#named.add(field);
      const shown = [...names].slice(0, 3).join(', ');
      const more = names.size > 3 ? ` and ${names.size - 3} more` : '';
      return `${field} has no effect: ${why} (${shown}${more})`;
    });
  }
}

function subjectOf({ kind, meta }: KubeObject): string {
  const owner = meta.owners.find(({ controller }) => controller);
  return owner === undefined
    ? `${kind} ${meta.namespace}/${meta.name}`
    : `${owner.kind} ${meta.namespace}/${owner.name}`;
}

/** The volumes that a pod's containers mount, for a network in which nothing can be mounted. */
export function unmountedVolumes({ spec }: Pod): string | undefined {
  const mounts = [...spec.initContainers, ...spec.containers].flatMap(({ run }) => run?.volumeMounts ?? []);
  if (mounts.length === 0) return undefined;
  const paths = [...new Set(mounts.map(({ mountPath, name }) => `${mountPath} (${name})`))].join(', ');
  return `on this network no volume is mounted: ${paths}; use --network namespaces (Linux)`;
}
