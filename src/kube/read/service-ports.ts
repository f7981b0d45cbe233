import type { ServicePort, ServiceType } from '../objects.ts';
import { readProtocol } from './enums.ts';
import type { Field } from './field.ts';
import { dnsLabelProblem, qualifiedNameProblem } from './grammar.ts';
import { SERVICE_PORT_FIELDS } from './known-fields.ts';
import { isPortNumber, readPort, requirePort, requirePortOrName } from './numbers.ts';
import { shown } from './wording.ts';

interface PortRules {
  readonly type: ServiceType | undefined;
  readonly headless: boolean;
}

/** The default --service-node-port-range of a control plane. */
const NODE_PORTS = { first: 30_000, last: 32_767 };

export function readServicePorts(field: Field, rules: PortRules): readonly ServicePort[] {
  const items = field.items();
  // A value of the wrong type already has a fault.
  if (items.length === 0 && field.isList && !rules.headless && rules.type !== 'ExternalName') {
    field.fault('the Service has no ports', 'give it one, such as "- port: 80", or make it headless: clusterIP: None');
  }
  const seen = new SeenPorts();
  const ports: ServicePort[] = [];
  for (const item of items) {
    item.noteUnknownFields(SERVICE_PORT_FIELDS);
    const port = readServicePort(item, { several: items.length > 1, type: rules.type, seen });
    if (port !== undefined) ports.push(port);
  }
  return ports;
}

function readServicePort(
  field: Field,
  rules: { readonly several: boolean; readonly type: ServiceType | undefined; readonly seen: SeenPorts },
): ServicePort | undefined {
  const name = readPortName(field.child('name'), rules);
  const protocol = readProtocol(field.child('protocol'));
  const port = readPort(field.child('port'));
  const targetPort = readTargetPort(field.child('targetPort')) ?? port;
  const nodePort = readNodePort(field.child('nodePort'), rules.type);
  const appProtocol = readAppProtocol(field.child('appProtocol'));

  const protocolText = field.child('protocol').text() ?? 'TCP';
  const number = field.child('port').isMissing ? 0 : port;
  if (number !== undefined && rules.seen.takePort(`${protocolText} ${number}`)) {
    field.fault(
      `another port of this Service is already ${protocolText} ${number}`,
      'remove one of them, or choose another port',
    );
  }
  if (nodePort !== undefined) {
    const clash = rules.seen.takeNodePort(nodePort, { protocol: protocolText, port: number, type: rules.type });
    if (clash !== undefined) field.child('nodePort').fault(clash, 'choose another');
  }
  if (protocol === undefined || port === undefined || targetPort === undefined) return undefined;
  return {
    name,
    protocol,
    port,
    targetPort,
    ...(nodePort === undefined ? {} : { nodePort }),
    ...(appProtocol === undefined ? {} : { appProtocol }),
  };
}

function readPortName(field: Field, rules: { readonly several: boolean; readonly seen: SeenPorts }): string {
  const name = field.string() ?? '';
  if (name === '') {
    if (rules.several && field.isText) {
      field.fault(
        'the port has no name; each port needs one if there is more than one',
        `give it a name, such as http`,
      );
    }
    return '';
  }
  const problem = dnsLabelProblem(name);
  if (problem !== undefined) field.fault(`${shown(name)} ${problem}`, 'choose another name');
  if (rules.seen.takeName(name)) field.fault(`another port is already named ${shown(name)}`, 'choose another name');
  return name;
}

/** @returns undefined for the same as `port`: absent, 0 or "" */
function readTargetPort(field: Field): number | string | undefined {
  const target = field.integerOrString();
  if (target === undefined || target === 0 || target === '') return undefined;
  requirePortOrName(field, target);
  return target;
}

/**
 * The allowed range is a setting of the control plane (--service-node-port-range), so a number outside the default range
 * gets a note; one outside of 1 to 65535 is a fault.
 */
function readNodePort(field: Field, type: ServiceType | undefined): number | undefined {
  const nodePort = field.integer();
  if (nodePort === undefined || nodePort === 0) return undefined;
  if (type === 'ClusterIP') {
    field.fault('a Service of type ClusterIP has no node ports', 'remove nodePort, or write type: NodePort');
  }
  requirePort(field, nodePort);
  if (isPortNumber(nodePort) && (nodePort < NODE_PORTS.first || nodePort > NODE_PORTS.last)) {
    field.note(
      `${nodePort} is outside of ${NODE_PORTS.first} to ${NODE_PORTS.last}, the range of most clusters`,
      'choose one in this range if the manifest is also for such a cluster',
    );
  }
  return nodePort;
}

export function readAppProtocol(field: Field): string | undefined {
  const appProtocol = field.string();
  if (appProtocol === undefined) return undefined;
  const problem = qualifiedNameProblem(appProtocol);
  if (problem !== undefined) {
    field.fault(`${shown(appProtocol)} ${problem}`, 'write a name such as http, or kubernetes.io/h2c, or remove it');
  }
  return appProtocol;
}

/** Names and numbers of earlier ports of the same Service. Asking for one takes it. */
class SeenPorts {
  readonly #names = new Set<string>();
  readonly #ports = new Set<string>();
  readonly #nodePorts = new Set<string>();
  readonly #holders = new Map<number, number | undefined>();

  takeName(name: string): boolean {
    return take(this.#names, name);
  }

  takePort(key: string): boolean {
    return take(this.#ports, key);
  }

  /**
   * One node port may serve several protocols, but the control plane allocates it for one `port` number.
   *
   * @returns the conflict, if there is one
   */
  takeNodePort(
    nodePort: number,
    by: { readonly protocol: string; readonly port: number | undefined; readonly type: ServiceType | undefined },
  ): string | undefined {
    if (take(this.#nodePorts, `${by.protocol} ${nodePort}`)) {
      return `another port of this Service already has ${by.protocol} node port ${nodePort}`;
    }
    const allocated = by.type === 'NodePort' || by.type === 'LoadBalancer';
    const holder = this.#holders.get(nodePort) ?? by.port;
    this.#holders.set(nodePort, holder);
    if (!allocated || holder === by.port) return undefined;
    return `node port ${nodePort} already belongs to port ${holder}; ports with different numbers cannot share it`;
  }
}

function take(taken: Set<string>, key: string): boolean {
  const before = taken.has(key);
  taken.add(key);
  return before;
}
