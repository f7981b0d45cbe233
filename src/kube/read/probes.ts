import type { Probe, ProbeAction } from '../probes.ts';
import { readChoiceOr } from './enums.ts';
import type { Field } from './field.ts';
import { headerNameProblem } from './grammar.ts';
import { EXEC_FIELDS, GRPC_FIELDS, HTTP_GET_FIELDS, PROBE_FIELDS, TCP_SOCKET_FIELDS } from './known-fields.ts';
import { readPort, requireAtLeast, requirePortOrName } from './numbers.ts';
import { choices, shown } from './wording.ts';

/** In the API's order, which decides which of several actions has the fault. */
const ACTIONS = ['exec', 'httpGet', 'tcpSocket', 'grpc'] as const;
export type ActionKind = (typeof ACTIONS)[number];

export type ProbeKind = 'livenessProbe' | 'readinessProbe' | 'startupProbe';

/** Reads a probe with the kubelet's defaults. 0 means the default, as absent does. */
export function readProbe(field: Field, kind: ProbeKind): Probe | undefined {
  if (!field.isSet) return undefined;
  field.noteUnknownFields(PROBE_FIELDS);
  const seconds = (name: string, fallback: number): number => {
    const child = field.child(name);
    const value = child.integer();
    requireAtLeast(child, value, 0);
    return value || fallback;
  };
  const action = readAction(field);
  const successThreshold = seconds('successThreshold', 1);
  if (kind !== 'readinessProbe' && successThreshold > 1) {
    field
      .child('successThreshold')
      .fault(`${successThreshold} is not allowed: the successThreshold of a ${kind} is 1`, 'write 1, or remove it');
  }
  const grace = readGrace(field.child('terminationGracePeriodSeconds'), kind);
  const numbers = {
    initialDelaySeconds: seconds('initialDelaySeconds', 0),
    periodSeconds: seconds('periodSeconds', 10),
    timeoutSeconds: seconds('timeoutSeconds', 1),
    successThreshold,
    failureThreshold: seconds('failureThreshold', 3),
  };
  if (action === undefined) return undefined;
  return { action, ...numbers, ...(grace === undefined ? {} : { terminationGracePeriodSeconds: grace }) };
}

function readGrace(field: Field, kind: ProbeKind): number | undefined {
  const grace = field.integer({ bits: 64 });
  if (grace === undefined) return undefined;
  requireAtLeast(field, grace, 1);
  if (kind === 'readinessProbe') field.fault('a readinessProbe does not terminate containers', 'remove it');
  return grace;
}

function readAction(probe: Field): ProbeAction | undefined {
  const actions = ACTIONS.filter(name => probe.child(name).isSet);
  if (actions.length === 0 && probe.isMapping) {
    probe.fault('the probe has no action', `write ${choices(ACTIONS)} below it`);
  }
  let action: ProbeAction | undefined;
  for (const [index, kind] of actions.entries()) {
    const field = probe.child(kind);
    if (index > 0) field.fault(`the probe already has ${actions[0]}`, 'keep one of them');
    else action = readActionOf(field, kind);
  }
  return action;
}

/** Reads the action of a probe or hook. */
export function readActionOf(field: Field, kind: ActionKind): ProbeAction | undefined {
  switch (kind) {
    case 'exec': {
      field.noteUnknownFields(EXEC_FIELDS);
      const command = field.child('command').strings();
      if (command.length === 0 && field.isMapping && field.child('command').isList) {
        field.child('command').fault('the command is missing', 'write it as a list of arguments');
      }
      return { kind, command };
    }
    case 'httpGet':
      return readHttpGet(field);
    case 'tcpSocket': {
      field.noteUnknownFields(TCP_SOCKET_FIELDS);
      const host = field.child('host').text();
      const port = readPortOrName(field.child('port'));
      return port === undefined ? undefined : { kind, port, ...(host === undefined ? {} : { host }) };
    }
    case 'grpc': {
      field.noteUnknownFields(GRPC_FIELDS);
      const port = readPort(field.child('port'));
      return port === undefined ? undefined : { kind, port, service: field.child('service').string() ?? '' };
    }
  }
}

function readHttpGet(field: Field): ProbeAction | undefined {
  field.noteUnknownFields(HTTP_GET_FIELDS);
  const host = field.child('host').text();
  const port = readPortOrName(field.child('port'));
  const scheme = readChoiceOr(field.child('scheme'), ['HTTP', 'HTTPS'], 'HTTP');
  const headersField = field.child('httpHeaders');
  const headers = headersField.items().map(item => {
    const name = item.child('name').string() ?? '';
    const problem = item.child('name').isText ? headerNameProblem(name) : undefined;
    // The API names the list here and not the item.
    if (problem !== undefined) headersField.fault(`the header name ${shown(name)} ${problem}`, 'rename the header');
    return [name, item.child('value').string() ?? ''] as const;
  });
  const path = field.child('path').text() ?? '/';
  if (port === undefined || scheme === undefined) return undefined;
  return { kind: 'httpGet', path, port, scheme, headers, ...(host === undefined ? {} : { host }) };
}

function readPortOrName(field: Field): number | string | undefined {
  const port = field.integerOrString();
  if (port === undefined) {
    if (field.isMissing) field.fault('the port is missing', 'write a number, or the name of a container port');
    return undefined;
  }
  requirePortOrName(field, port);
  return port;
}
