import { defaultPullPolicy } from '../../image.ts';
import { type ContainerRunSpec, PULL_POLICIES } from '../../running.ts';
import { readChoiceOr } from '../enums.ts';
import type { Field } from '../field.ts';
import { readLifecycle } from './lifecycle.ts';
import { readMounts } from './mounts.ts';
import { readResources } from './resources.ts';
import { readContainerSecurity } from './security.ts';

/** What the containers of a pod need to know of it. */
export interface RunRules {
  readonly place: 'pod' | 'template';
  /** Names of its volumes. */
  readonly volumes: ReadonlySet<string>;
  /** Names of those that are an emptyDir. */
  readonly emptyDirs: ReadonlySet<string>;
  readonly graceSeconds: number;
  /** Gets the fields that are not read. */
  readonly unsupported: Set<string>;
}

const TERMINATION_POLICIES = ['File', 'FallbackToLogsOnError'] as const;
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];

/** @param container as `Field.forRunning` gives it */
export function readContainerRun(
  container: Field,
  role: 'main' | 'sidecar' | 'init',
  rules: RunRules,
): ContainerRunSpec {
  const { volumes, unsupported } = rules;
  const list = role === 'main' ? 'containers' : 'initContainers';
  const image = container.child('image').text();
  const policy = readPullPolicy(container.child('imagePullPolicy'), image);
  const securityContext = readContainerSecurity(container.child('securityContext'), { list, unsupported });
  const resources = container.child('resources');
  noteUnread(container, list, unsupported);
  requireEmptyDirs(container.child('env'), rules);
  return {
    ...(policy === undefined ? {} : { imagePullPolicy: policy }),
    volumeMounts: readMounts(container.child('volumeMounts'), {
      volumes,
      privileged: securityContext.privileged,
      list,
      unsupported,
    }),
    ...readResources(resources, rules.place),
    securityContext,
    ...readLifecycle(container.child('lifecycle'), { allowed: role !== 'init', graceSeconds: rules.graceSeconds }),
    terminationMessagePath: container.child('terminationMessagePath').text() ?? '/dev/termination-log',
    terminationMessagePolicy:
      readChoiceOr(container.child('terminationMessagePolicy'), TERMINATION_POLICIES, 'File') ?? 'File',
  };
}

function readPullPolicy(field: Field, image: string | undefined): ContainerRunSpec['imagePullPolicy'] {
  const fallback = image === undefined ? undefined : defaultPullPolicy(image);
  if (field.text() !== undefined) return readChoiceOr(field, PULL_POLICIES, fallback ?? 'Always');
  return fallback;
}

/** Records fields that change how the container runs and that are not read. */
function noteUnread(container: Field, list: 'containers' | 'initContainers', unsupported: Set<string>): void {
  const restartPolicy = container.child('restartPolicy');
  const isSidecar = list === 'initContainers' && restartPolicy.text() === 'Always';
  if (restartPolicy.isSet && !isSidecar) unsupported.add(`${list}.restartPolicy`);
  for (const name of ['restartPolicyRules', 'volumeDevices']) {
    if (container.child(name).items().length > 0) unsupported.add(`${list}.${name}`);
  }
  if (container.child('resources').child('claims').items().length > 0) unsupported.add(`${list}.resources.claims`);
  for (const probe of PROBES) {
    // Off by default in Kubernetes 1.37: H2CContainerProbe and GRPCContainerProbeTLS.
    if (container.child(probe).child('httpGet').child('protocol').isSet) {
      unsupported.add(`${list}.${probe}.httpGet.protocol`);
    }
    if (container.child(probe).child('grpc').child('mode').isSet) unsupported.add(`${list}.${probe}.grpc.mode`);
  }
}

/** Files of variables must be in an emptyDir. */
function requireEmptyDirs(env: Field, { volumes, emptyDirs }: RunRules): void {
  for (const item of env.items()) {
    const field = item.child('valueFrom').child('fileKeyRef').child('volumeName');
    const name = field.text();
    if (name === undefined || emptyDirs.has(name)) continue;
    const why = volumes.has(name) ? `the volume ${name} is not an emptyDir` : `the pod has no volume named ${name}`;
    field.fault(why, 'name an emptyDir of the pod');
  }
}
