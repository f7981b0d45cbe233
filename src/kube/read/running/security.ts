import type { ContainerSecurityContext, PodSecurityContext, SeccompProfile } from '../../running.ts';
import { readChoice } from '../enums.ts';
import type { Field } from '../field.ts';
import { shown } from '../wording.ts';
import {
  CAPABILITIES_FIELDS,
  CONTAINER_SECURITY_FIELDS,
  POD_SECURITY_FIELDS,
  SECCOMP_FIELDS,
  SYSCTL_FIELDS,
} from './fields.ts';
import { requireDescendingPath } from './paths.ts';

const MAX_ID = 2 ** 31 - 1;

export interface PodSecurityRules {
  readonly hostNetwork: boolean;
  readonly hostIPC: boolean;
  readonly unsupported: Set<string>;
}

export function readPodSecurity(field: Field, rules: PodSecurityRules): PodSecurityContext {
  field.noteUnknownFields(POD_SECURITY_FIELDS);
  const fsGroup = readId(field.child('fsGroup'));
  noteUnread(field, 'securityContext', rules.unsupported, [
    'appArmorProfile',
    'seLinuxChangePolicy',
    'seLinuxOptions',
    'supplementalGroupsPolicy',
    'windowsOptions',
  ]);
  const groups = field.child('supplementalGroups').items();
  return {
    ...readCommon(field),
    supplementalGroups: groups.flatMap(item => readId(item) ?? []),
    ...(fsGroup === undefined ? {} : { fsGroup }),
    fsGroupChangePolicy: readChoice(field.child('fsGroupChangePolicy'), ['Always', 'OnRootMismatch']) ?? 'Always',
    sysctls: readSysctls(field.child('sysctls'), rules),
  };
}

/** @param list the field of the pod's spec that has the container */
export function readContainerSecurity(
  field: Field,
  { list, unsupported }: { readonly list: string; readonly unsupported: Set<string> },
): ContainerSecurityContext {
  field.noteUnknownFields(CONTAINER_SECURITY_FIELDS);
  noteUnread(field, `${list}.securityContext`, unsupported, [
    'appArmorProfile',
    'procMount',
    'seLinuxOptions',
    'windowsOptions',
  ]);
  const capabilities = field.child('capabilities');
  capabilities.noteUnknownFields(CAPABILITIES_FIELDS);
  const addCapabilities = capabilities.child('add').strings();
  const privileged = field.child('privileged').boolean() ?? false;
  const allowPrivilegeEscalation = field.child('allowPrivilegeEscalation').boolean();
  if (allowPrivilegeEscalation === false) {
    const fix = 'remove one of them';
    if (privileged) field.fault('allowPrivilegeEscalation: false and privileged: true contradict each other', fix);
    if (addCapabilities.includes('CAP_SYS_ADMIN')) {
      field.fault('allowPrivilegeEscalation: false and the capability CAP_SYS_ADMIN contradict each other', fix);
    }
  }
  return {
    ...readCommon(field),
    privileged,
    ...(allowPrivilegeEscalation === undefined ? {} : { allowPrivilegeEscalation }),
    readOnlyRootFilesystem: field.child('readOnlyRootFilesystem').boolean() ?? false,
    addCapabilities,
    dropCapabilities: capabilities.child('drop').strings(),
  };
}

function readCommon(
  field: Field,
): Pick<PodSecurityContext, 'runAsUser' | 'runAsGroup' | 'runAsNonRoot' | 'seccompProfile'> {
  const runAsUser = readId(field.child('runAsUser'));
  const runAsGroup = readId(field.child('runAsGroup'));
  const runAsNonRoot = field.child('runAsNonRoot').boolean();
  const seccompProfile = readSeccomp(field.child('seccompProfile'));
  return {
    ...(runAsUser === undefined ? {} : { runAsUser }),
    ...(runAsGroup === undefined ? {} : { runAsGroup }),
    ...(runAsNonRoot === undefined ? {} : { runAsNonRoot }),
    ...(seccompProfile === undefined ? {} : { seccompProfile }),
  };
}

function noteUnread(field: Field, path: string, unsupported: Set<string>, names: readonly string[]): void {
  for (const name of names) if (field.child(name).isSet) unsupported.add(`${path}.${name}`);
}

/** A user or group. */
function readId(field: Field): number | undefined {
  const id = field.integer({ bits: 64 });
  if (id !== undefined && (id < 0 || id > MAX_ID)) {
    field.fault(`${id} is not a user or group id`, `write a number from 0 to ${MAX_ID}`);
  }
  return id;
}

function readSeccomp(field: Field): SeccompProfile | undefined {
  if (!field.isSet) return undefined;
  field.noteUnknownFields(SECCOMP_FIELDS);
  const typeField = field.child('type');
  const type = readChoice(typeField, ['RuntimeDefault', 'Unconfined', 'Localhost']);
  if (typeField.isMissing && field.isMapping) typeField.fault('the type is missing', 'write type: RuntimeDefault');
  const profileField = field.child('localhostProfile');
  const localhostProfile = profileField.string();
  if (type !== 'Localhost') {
    if (profileField.isSet) profileField.fault('it is only allowed with type: Localhost', 'remove it');
    return type === undefined ? undefined : { type };
  }
  if (localhostProfile === undefined) {
    if (profileField.isMissing) profileField.fault('the profile is missing', 'write its path below the seccomp folder');
    return undefined;
  }
  requireDescendingPath(profileField, localhostProfile);
  return { type, localhostProfile };
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const MAX_SYSCTL_LENGTH = 253;

function readSysctls(field: Field, rules: PodSecurityRules): PodSecurityContext['sysctls'] {
  const names = new Set<string>();
  return field.items().map(item => {
    item.noteUnknownFields(SYSCTL_FIELDS);
    const nameField = item.child('name');
    const name = nameField.string() ?? '';
    if (name === '') {
      if (nameField.isText) nameField.fault('the name is missing', 'write one such as net.core.somaxconn');
    } else if (name.length > MAX_SYSCTL_LENGTH || !SYSCTL.test(name)) {
      nameField.fault(`${shown(name)} is not the name of a sysctl`, 'write one such as net.core.somaxconn');
    } else if (names.has(name)) nameField.fault(`${shown(name)} is already in the list`, 'remove one of them');
    names.add(name);
    const shared = sharedWithHost(name, rules);
    if (shared !== undefined)
      nameField.fault(`${shown(name)} cannot be set with ${shared}: true`, 'remove one of them');
    return { name, value: item.child('value').string() ?? '' };
  });
}

const IPC_NAMES = /^kernel\.(shm_rmid_forced|shmall|shmmax|shmmni|sem|msgmax|msgmnb|msgmni|msg)$/;

function sharedWithHost(name: string, { hostNetwork, hostIPC }: PodSecurityRules): string | undefined {
  const dotted = dottedName(name);
  if (hostNetwork && dotted.startsWith('net.')) return 'hostNetwork';
  const isIpc = IPC_NAMES.test(dotted) || dotted.startsWith('fs.mqueue.');
  return hostIPC && isIpc ? 'hostIPC' : undefined;
}

/** `net/ipv4/conf/eth0.100/x` and `net.ipv4.conf.eth0/100.x` are one name: the first separator tells the form. */
function dottedName(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  return first === '/' ? name.replaceAll(/[./]/g, mark => (mark === '/' ? '.' : '/')) : name;
}
