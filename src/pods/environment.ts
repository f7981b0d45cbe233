import { hostname } from 'node:os';
import { SwitchboardError } from '../errors.ts';
import { type ConfigMap, type Container, type EnvSource, type EnvVar, keyOf, type Pod } from '../kube/index.ts';
import { hostnameOf } from './hostname.ts';
import type { PodPlace } from './network.ts';

export interface EnvironmentInputs {
  readonly pod: Pod;
  readonly place: Pick<PodPlace, 'ip' | 'hostIP'>;
  readonly uid: string;
  readonly serviceVariables: Readonly<Record<string, string>>;
  readonly configMap: (namespace: string, name: string) => ConfigMap | undefined;
}

/**
 * The variables that programs need to run on this machine. No others are passed on: a container sees what its manifest
 * declares, and not, say, a PORT that is set in the shell.
 */
const INHERITED = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'PATHEXT'];

/**
 * A container's environment as the kubelet and the runtime build it: HOSTNAME, Service variables, then envFrom, then env, later ones over
 * earlier ones, with `$(NAME)` expanded from what was defined before.
 *
 * @throws SWB_POD_CONFIG naming the variable that cannot be resolved
 */
export function containerEnvironment(container: Container, inputs: EnvironmentInputs): Record<string, string> {
  const declared: Record<string, string> = { HOSTNAME: hostnameOf(inputs.pod), ...inputs.serviceVariables };
  for (const from of container.envFrom) {
    if (from.kind === 'secret') {
      if (from.optional) continue;
      throw misconfigured(
        inputs.pod,
        container,
        `envFrom the Secret "${from.name}": Secrets are not supported; use a ConfigMap, or mark it optional`,
      );
    }
    const map = inputs.configMap(inputs.pod.meta.namespace, from.name);
    if (map === undefined && !from.optional) {
      throw misconfigured(inputs.pod, container, `envFrom the ConfigMap "${from.name}": it is not among the inputs`);
    }
    for (const [key, value] of Object.entries(map?.data ?? {})) declared[`${from.prefix}${key}`] = value;
  }
  for (const variable of container.env) {
    const value = resolve(variable, container, inputs, declared);
    if (value !== undefined) declared[variable.name] = value;
  }
  const inherited = INHERITED.flatMap(name => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), ...declared };
}

function resolve(
  variable: EnvVar,
  container: Container,
  inputs: EnvironmentInputs,
  declared: Readonly<Record<string, string>>,
): string | undefined {
  const { source } = variable;
  switch (source.kind) {
    case 'value':
      return expand(source.value, declared);
    case 'configMap': {
      const value = own(inputs.configMap(inputs.pod.meta.namespace, source.name)?.data ?? {}, source.key);
      if (value !== undefined || source.optional) return value;
      const why = `env ${variable.name}: the ConfigMap "${source.name}" with the key "${source.key}" is not among the inputs`;
      throw misconfigured(inputs.pod, container, why);
    }
    case 'field': {
      const value = podField(source.path, inputs);
      if (value !== undefined) return value;
      throw misconfigured(inputs.pod, container, `env ${variable.name}: fieldRef "${source.path}" is not supported`);
    }
    case 'secret':
    case 'resource':
    case 'file': {
      if (source.kind !== 'resource' && source.optional) return undefined;
      const why = `env ${variable.name}: ${sourceText(source)} is not supported; set a value, or mark it optional`;
      throw misconfigured(inputs.pod, container, why);
    }
  }
}

function sourceText(source: Extract<EnvSource, { kind: 'secret' | 'resource' | 'file' }>): string {
  switch (source.kind) {
    case 'secret':
      return `secretKeyRef ${source.name}/${source.key}`;
    case 'resource':
      return `resourceFieldRef ${source.ref.resource}`;
    case 'file':
      return `fileKeyRef ${source.volumeName}/${source.path}`;
  }
}

/**
 * `$(NAME)` becomes the value of NAME if it is defined, and stays as it is otherwise; `$$` is one `$`
 * (Kubernetes "Define Dependent Environment Variables").
 */
export function expand(text: string, defined: Readonly<Record<string, string>>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (whole, escaped: string, name: string | undefined) => {
    if (escaped === '$') return '$';
    return (name === undefined ? undefined : own(defined, name)) ?? whole;
  });
}

/** Own properties only, not for example `constructor`. */
function own(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}

function podField(path: string, { pod, place, uid }: EnvironmentInputs): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed?.[1] !== undefined && keyed[2] !== undefined) {
    return own(keyed[1] === 'labels' ? pod.meta.labels : pod.meta.annotations, keyed[2]) ?? '';
  }
  switch (path) {
    case 'metadata.name':
      return pod.meta.name;
    case 'metadata.namespace':
      return pod.meta.namespace;
    case 'metadata.uid':
      return uid;
    case 'spec.nodeName':
      return pod.spec.nodeName ?? hostname().toLowerCase();
    case 'spec.serviceAccountName':
      return pod.spec.serviceAccountName ?? 'default';
    case 'status.podIP':
    case 'status.podIPs':
      return place.ip;
    case 'status.hostIP':
    case 'status.hostIPs':
      return place.hostIP;
    default:
      return undefined;
  }
}

export function misconfigured(pod: Pod, container: Container, why: string): SwitchboardError {
  return new SwitchboardError('SWB_POD_CONFIG', `pod ${keyOf(pod.meta)}, container ${container.name}: ${why}`);
}
