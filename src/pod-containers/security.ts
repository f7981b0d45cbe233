import type { ContainerSecurity, Image } from '../engine/index.ts';
import { SwitchboardError } from '../errors.ts';
import type { Container, Pod } from '../kube/index.ts';

/** Rights that a manifest may ask for and the user has to allow. */
export type Allowed = ReadonlySet<'privileged'>;

/**
 * The user of a container as `UID:GID`; undefined: the image's.
 *
 * @throws SWB_POD_CONFIG as the kubelet words it, if `runAsNonRoot` forbids the user
 */
export function userOf(container: Container, { spec }: Pod, { config }: Image): string | undefined {
  const own = container.run?.securityContext;
  const common = spec.run?.securityContext;
  const user = own?.runAsUser ?? common?.runAsUser;
  const group = own?.runAsGroup ?? common?.runAsGroup;
  if ((own?.runAsNonRoot ?? common?.runAsNonRoot) === true) checkNotRoot(user, config.user);
  if (user !== undefined) return `${user}:${group ?? 0}`;
  if (group === undefined) return undefined;
  return `${config.user.split(':')[0] || '0'}:${group}`;
}

function checkNotRoot(user: number | undefined, imageUser: string): void {
  const [name = ''] = imageUser.split(':');
  if (user === undefined && name !== '' && !/^\d+$/.test(name)) {
    const why = `container has runAsNonRoot and image has non-numeric user (${name}), cannot verify user is non-root`;
    throw new SwitchboardError('SWB_POD_CONFIG', `CreateContainerConfigError: ${why}; set runAsUser`);
  }
  if ((user ?? Number(name)) === 0) {
    const what = user === undefined ? 'image will run as root' : "container's runAsUser breaks non-root policy";
    throw new SwitchboardError('SWB_POD_CONFIG', `CreateContainerConfigError: container has runAsNonRoot and ${what}`);
  }
}

/** @throws SWB_POD_CONFIG if the container asks for a right that is not allowed */
export function securityOf(container: Container, { spec }: Pod, allowed: Allowed): ContainerSecurity {
  const own = container.run?.securityContext;
  const common = spec.run?.securityContext;
  if (own?.privileged === true && !allowed.has('privileged')) {
    const why = `container ${container.name} is privileged, and so could take over this machine`;
    throw new SwitchboardError(
      'SWB_POD_CONFIG',
      `CreateContainerConfigError: ${why}; allow it with --allow-privileged`,
    );
  }
  const seccomp = own?.seccompProfile ?? common?.seccompProfile;
  const options = [
    ...(own?.allowPrivilegeEscalation === false ? ['no-new-privileges'] : []),
    ...(seccomp?.type === 'Unconfined' ? ['seccomp=unconfined'] : []),
  ];
  const groups = [...(common?.supplementalGroups ?? []), ...(common?.fsGroup === undefined ? [] : [common.fsGroup])];
  return {
    ...(own === undefined || own.addCapabilities.length === 0 ? {} : { capAdd: own.addCapabilities }),
    ...(own === undefined || own.dropCapabilities.length === 0 ? {} : { capDrop: own.dropCapabilities }),
    ...(own?.privileged === true ? { privileged: true } : {}),
    ...(options.length === 0 ? {} : { options }),
    ...(own?.readOnlyRootFilesystem === true ? { readOnlyRoot: true } : {}),
    ...(groups.length === 0 ? {} : { groups: groups.map(String) }),
  };
}
