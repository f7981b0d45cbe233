import type { Container, ContainerPort } from '../objects.ts';
import { readProtocol } from './enums.ts';
import { readEnv, readEnvFrom } from './env.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, portNameProblem } from './grammar.ts';
import { CONTAINER_FIELDS, CONTAINER_PORT_FIELDS } from './known-fields.ts';
import { requirePort } from './numbers.ts';
import { readProbe } from './probes.ts';
import { type RunRules, readContainerRun } from './running/index.ts';
import { shown } from './wording.ts';

interface PodRules {
  readonly hostNetwork: boolean;
  readonly place: 'pod' | 'template';
  /** undefined: what only running needs is not read. */
  readonly run: RunRules | undefined;
}

interface Seen {
  readonly names: Set<string>;
  readonly hostPorts: Set<string>;
}

export function readContainers(
  spec: Field,
  rules: PodRules,
): { readonly containers: readonly Container[]; readonly initContainers: readonly Container[] } {
  const field = spec.child('containers');
  const items = field.items();
  if (items.length === 0 && field.isList) field.fault('the pod has no containers', 'give it one, with a name');
  const seen: Seen = { names: new Set(), hostPorts: new Set() };
  const containers = items.map(item => readContainer(item, { ...rules, seen, role: 'main' }));
  // Init containers other than sidecars run one after another, so their host ports cannot collide.
  const init = spec.child('initContainers').items();
  const initContainers = init.map(item =>
    readContainer(item, { ...rules, seen: { names: seen.names, hostPorts: new Set() }, role: 'init' }),
  );
  return { containers, initContainers };
}

type ContainerRules = PodRules & { readonly seen: Seen; readonly role: 'main' | 'init' };

function readContainer(field: Field, rules: ContainerRules): Container {
  field.noteUnknownFields(CONTAINER_FIELDS);
  const sidecar = rules.role === 'init' && readInitRestartPolicy(field.child('restartPolicy'));
  const image = readImage(field.child('image'));
  const workingDir = field.child('workingDir').text();
  const probes = readProbes(field, { allowed: rules.role === 'main' || sidecar });
  return {
    name: readName(field.child('name'), rules.seen),
    ...(image === undefined ? {} : { image }),
    command: field.child('command').strings(),
    args: field.child('args').strings(),
    ...(workingDir === undefined ? {} : { workingDir }),
    env: readEnv(field.child('env')),
    envFrom: readEnvFrom(field.child('envFrom')),
    ports: readContainerPorts(field.child('ports'), rules),
    ...probes,
    ...(sidecar ? { restartPolicy: 'Always' } : {}),
    ...readRun(field, sidecar ? 'sidecar' : rules.role, rules.run),
  };
}

function readRun(field: Field, role: 'main' | 'sidecar' | 'init', rules: RunRules | undefined): Pick<Container, 'run'> {
  return rules === undefined ? {} : { run: readContainerRun(field.forRunning(), role, rules) };
}

/** Always makes an init container a sidecar (KEP-753). On other containers the field does nothing in 1.34. */
function readInitRestartPolicy(field: Field): boolean {
  return field.string() === 'Always';
}

function readName(field: Field, seen: Seen): string {
  const name = field.string() ?? '';
  if (name === '') {
    if (field.isText) field.fault('the container has no name', 'give it one, such as web');
    return '';
  }
  const problem = dnsLabelProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'choose another name');
  if (seen.names.has(name)) {
    field.fault(`another container of the pod is already named ${shown(name)}`, 'choose another name');
  }
  seen.names.add(name);
  return name;
}

/** The API requires an image. Here containers run as local processes, so a manifest for the laptop may omit it. */
function readImage(field: Field): string | undefined {
  const image = field.text();
  if (image === undefined && field.isText) {
    field.note(
      'the container has no image, so a cluster would reject it',
      'add one if the manifest is also for a cluster',
    );
  } else if (image !== undefined && image !== image.trim()) {
    field.fault(`${shown(image)} starts or ends with a space`, 'remove the space');
  }
  return image;
}

type Probes = Pick<Container, 'livenessProbe' | 'readinessProbe' | 'startupProbe'>;

function readProbes(container: Field, rules: { readonly allowed: boolean }): Probes {
  const read = (kind: 'livenessProbe' | 'readinessProbe' | 'startupProbe') => {
    const field = container.child(kind);
    if (field.isSet && !rules.allowed) {
      field.fault(
        'an init container ends before probes start',
        'remove it, or write restartPolicy: Always for a sidecar',
      );
      return undefined;
    }
    return readProbe(field, kind);
  };
  const livenessProbe = read('livenessProbe');
  const readinessProbe = read('readinessProbe');
  const startupProbe = read('startupProbe');
  return {
    ...(livenessProbe === undefined ? {} : { livenessProbe }),
    ...(readinessProbe === undefined ? {} : { readinessProbe }),
    ...(startupProbe === undefined ? {} : { startupProbe }),
  };
}

function readContainerPorts(field: Field, rules: ContainerRules): readonly ContainerPort[] {
  const names = new Set<string>();
  return field.items().flatMap(item => readContainerPort(item, names, rules) ?? []);
}

function readContainerPort(field: Field, names: Set<string>, rules: ContainerRules): ContainerPort | undefined {
  field.noteUnknownFields(CONTAINER_PORT_FIELDS);
  const name = field.child('name').string() ?? '';
  if (name !== '') {
    const nameField = field.child('name');
    const problem = portNameProblem(name);
    if (problem !== undefined) nameField.fault(`${shown(name)} ${problem}`, 'choose another name');
    else if (names.has(name)) nameField.fault(`another port is already named ${shown(name)}`, 'choose another name');
    names.add(name);
  }
  const portField = field.child('containerPort');
  const containerPort = portField.integer();
  if (containerPort === 0 || portField.isMissing) {
    portField.fault('the port has no number', 'give it one: containerPort: 8080');
  } else if (containerPort !== undefined) requirePort(portField, containerPort);
  const protocol = readProtocol(field.child('protocol'));
  const hostPort = readHostPort(field, containerPort, rules);
  if (protocol === undefined || containerPort === undefined) return undefined;
  const hostIP = rules.run === undefined ? undefined : field.child('hostIP').text();
  return {
    name,
    protocol,
    containerPort,
    ...(hostPort === undefined ? {} : { hostPort }),
    ...(hostIP === undefined ? {} : { hostIP }),
  };
}

function readHostPort(port: Field, containerPort: number | undefined, rules: ContainerRules): number | undefined {
  const field = port.child('hostPort');
  const explicit = field.integer() || undefined;
  if (explicit !== undefined) {
    requirePort(field, explicit);
    if (rules.hostNetwork && explicit !== containerPort) {
      const why = `${explicit} differs from containerPort ${containerPort}; with hostNetwork: true they must be equal`;
      field.fault(why, `write hostPort: ${containerPort}, or remove hostPort`);
    }
  }
  const hostPort = explicit ?? (rules.hostNetwork && rules.place === 'pod' ? containerPort : undefined);
  if (hostPort === undefined) return undefined;
  const protocol = port.child('protocol').text() ?? 'TCP';
  const key = `${protocol}/${port.child('hostIP').string() ?? ''}/${hostPort}`;
  if (rules.seen.hostPorts.has(key)) {
    field.fault(`another port of the pod already has ${protocol} host port ${hostPort}`, 'choose another');
  }
  rules.seen.hostPorts.add(key);
  return hostPort;
}
