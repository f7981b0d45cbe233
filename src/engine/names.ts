import { createHash, createHmac } from 'node:crypto';

/** What an object of the engine belongs to. */
export interface ObjectOwner {
  /** A hash of the folder whose manifests run. */
  readonly project: string;
  /** Random; one per `up`. */
  readonly session: string;
  /** The process: `PID:START:BOOT`. */
  readonly owner: string;
}

/** What a container is within its project. */
export interface ContainerRole {
  readonly namespace: string;
  readonly pod: string;
  readonly uid: string;
  readonly container: string;
  readonly attempt: number;
  /** @see specHash */
  readonly spec: string;
}

/** Labels of everything that Switchboard creates in an engine. */
export const LABELS = {
  project: 'dev.switchboard.project',
  session: 'dev.switchboard.session',
  owner: 'dev.switchboard.owner',
  namespace: 'dev.switchboard.namespace',
  pod: 'dev.switchboard.pod',
  uid: 'dev.switchboard.uid',
  container: 'dev.switchboard.container',
  attempt: 'dev.switchboard.attempt',
  spec: 'dev.switchboard.spec',
} as const;

type Labels = Readonly<Record<string, string>>;

export function ownerLabels({ project, session, owner }: ObjectOwner): Labels {
  return { [LABELS.project]: project, [LABELS.session]: session, [LABELS.owner]: owner };
}

export function containerLabels(owner: ObjectOwner, role: ContainerRole): Labels {
  return {
    ...ownerLabels(owner),
    [LABELS.namespace]: role.namespace,
    [LABELS.pod]: role.pod,
    [LABELS.uid]: role.uid,
    [LABELS.container]: role.container,
    [LABELS.attempt]: String(role.attempt),
    [LABELS.spec]: role.spec,
  };
}

/** Reads the labels of an object. @returns undefined if Switchboard has not created it */
export function ownerOf(labels: Labels): ObjectOwner | undefined {
  const project = labels[LABELS.project];
  const session = labels[LABELS.session];
  const owner = labels[LABELS.owner];
  return project === undefined || session === undefined || owner === undefined
    ? undefined
    : { project, session, owner };
}

/** Reads the labels of a container. @returns undefined if it is not a pod's container that Switchboard has created */
export function roleOf(labels: Labels): ContainerRole | undefined {
  const namespace = labels[LABELS.namespace];
  const pod = labels[LABELS.pod];
  const container = labels[LABELS.container];
  const attempt = Number(labels[LABELS.attempt]);
  if (namespace === undefined || pod === undefined || container === undefined) return undefined;
  if (!Number.isInteger(attempt) || attempt < 0) return undefined;
  return { namespace, pod, uid: labels[LABELS.uid] ?? '', container, attempt, spec: labels[LABELS.spec] ?? '' };
}

/**
 * A keyed hash of a container's configuration, to recognise an unchanged one. Keyed, since anyone may read labels, and a
 * plain hash would let short secrets be guessed.
 */
export function specHash(key: Uint8Array, spec: object): string {
  return createHmac('sha256', key).update(canonicalJson(spec)).digest('hex').slice(0, 32);
}

/** Names of Docker objects may be longer, but a container's name is also a host name of the network. */
const MAX_NAME = 63;
const HASH_LENGTH = 8;

/** `swb-PROJECT6-NAMESPACE-POD-CONTAINER-ATTEMPT`. */
export function containerName(project: string, role: Omit<ContainerRole, 'uid' | 'spec'>): string {
  const { namespace, pod, container, attempt } = role;
  return objectName(project, [namespace, pod, container, String(attempt)]);
}

/**
 * `swb-PROJECT6-PART-PART`, cut to 63 characters. A name that was cut, or whose characters were replaced, ends with a hash
 * of the whole, so that two different objects never share one.
 */
export function objectName(project: string, parts: readonly string[]): string {
  const whole = ['swb', project.slice(0, 6), ...parts].join('-');
  const clean = whole.replace(/[^a-zA-Z0-9_.-]/g, '_');
  if (clean === whole && clean.length <= MAX_NAME) return clean;
  const hash = createHash('sha256')
    .update(JSON.stringify([project, ...parts]))
    .digest('hex')
    .slice(0, HASH_LENGTH);
  return `${clean.slice(0, MAX_NAME - HASH_LENGTH - 1)}-${hash}`;
}

/** JSON with sorted fields, so that equal values give equal text. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );
}
