import { SwitchboardError } from '../../errors.ts';
import type { Container, EnvFrom, EnvSource, EnvVar } from '../../kube/index.ts';
import { hostnameOf } from '../hostname.ts';
import { expand, own } from './expand-variables.ts';
import { type FieldInputs, podField } from './field-ref.ts';
import type { PodObjects } from './pod-objects.ts';
import { type NodeResources, resourceValue } from './resource-ref.ts';

type Variables = Readonly<Record<string, string>>;

export interface EnvironmentInputs extends FieldInputs {
  readonly objects: Pick<PodObjects, 'configMap' | 'secret'>;
  readonly node: NodeResources;
  /** Weaker than all that the manifest sets. */
  readonly serviceVariables: Variables;
  /** From the command line; stronger than the manifest. */
  readonly extra: Variables;
}

/**
 * The variables that a container declares, as the kubelet makes them (`makeEnvironmentVariables`): Service variables, then
 * envFrom, then env, later ones over earlier ones. `$(NAME)` is expanded in plain values only. Does not depend on how the
 * container runs: a runtime puts what an image or the machine gives below these.
 *
 * @throws SWB_POD_CONFIG with the kubelet's words: the container waits until the object exists
 */
export function declaredEnvironment(container: Container, inputs: EnvironmentInputs): Record<string, string> {
  const set: Record<string, string> = {};
  for (const from of container.envFrom) {
    for (const [key, value] of Object.entries(keysOf(from, inputs))) set[`${from.prefix}${key}`] = value;
  }
  for (const variable of container.env) {
    const value = resolve(variable, container, inputs, { ...inputs.serviceVariables, ...set });
    if (value !== undefined) set[variable.name] = value;
  }
  const all = { ...inputs.serviceVariables, ...set, ...inputs.extra };
  for (const [name, value] of Object.entries(all)) {
    // Node would show the value in its error.
    if (value.includes('\0')) throw waiting(`the value of the variable ${name} contains a NUL byte`);
  }
  return all;
}

/** HOSTNAME, which the container runtime sets, and not the kubelet. */
export function runtimeEnvironment({ pod }: Pick<EnvironmentInputs, 'pod'>): Record<string, string> {
  return { HOSTNAME: hostnameOf(pod) };
}

function keysOf({ kind, name, optional }: EnvFrom, { pod, objects }: EnvironmentInputs): Variables {
  const { namespace } = pod.meta;
  if (kind === 'secret') {
    const secret = objects.secret(namespace, name);
    if (secret === undefined && !optional) throw waiting(notFound('secret', name));
    return Object.fromEntries(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, value.text()]));
  }
  const map = objects.configMap(namespace, name);
  if (map === undefined && !optional) throw waiting(notFound('configmap', name));
  return map?.data ?? {};
}

function resolve(
  { name, source }: EnvVar,
  container: Container,
  inputs: EnvironmentInputs,
  defined: Variables,
): string | undefined {
  switch (source.kind) {
    case 'value':
      return expand(source.value, defined);
    case 'configMap':
    case 'secret':
      return keyOf(source, inputs);
    case 'field': {
      const value = podField(source.path, inputs);
      if (value === undefined) throw waiting(`env ${name}: fieldRef "${source.path}" is not supported`);
      return value;
    }
    case 'resource': {
      const value = resourceValue(source.ref, container, inputs.pod, inputs.node);
      if (value === undefined) throw waiting(`env ${name}: container ${source.ref.containerName} not found`);
      return value;
    }
    case 'file': {
      if (source.optional) return undefined;
      throw waiting(`env ${name}: fileKeyRef is not supported here; set a value, or mark it optional`);
    }
  }
}

function keyOf(
  { kind, name, key, optional }: Extract<EnvSource, { kind: 'configMap' | 'secret' }>,
  { pod, objects }: EnvironmentInputs,
): string | undefined {
  const { namespace } = pod.meta;
  const object = kind === 'secret' ? objects.secret(namespace, name) : objects.configMap(namespace, name);
  if (object === undefined) {
    if (optional) return undefined;
    throw waiting(notFound(kind === 'secret' ? 'secret' : 'configmap', name));
  }
  const value = object.kind === 'Secret' ? own(object.data, key)?.text() : own(object.data, key);
  if (value === undefined && !optional)
    throw waiting(`couldn't find key ${key} in ${object.kind} ${namespace}/${name}`);
  return value;
}

function notFound(kind: 'secret' | 'configmap', name: string): string {
  return `${kind} "${name}" not found; add it to the inputs, or mark it optional`;
}

/** The container waits: it starts when its configuration is complete. */
export function waiting(why: string): SwitchboardError {
  return new SwitchboardError('SWB_POD_CONFIG', `CreateContainerConfigError: ${why}`);
}
