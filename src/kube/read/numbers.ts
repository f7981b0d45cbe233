import type { Field } from './field.ts';
import { portNameProblem } from './grammar.ts';
import { shown, shownName } from './wording.ts';

const PORT_MAX = 65_535;

export function isPortNumber(value: number): boolean {
  return value >= 1 && value <= PORT_MAX;
}

/** A port number that has to be there: absent and 0 are the same to the API. */
export function readPort(field: Field): number | undefined {
  const port = field.integer();
  if (port === undefined && !field.isMissing) return undefined;
  if (port === undefined) field.fault('the port has no number', `give it one: ${field.name}: 80`);
  else requirePort(field, port);
  return port;
}

export function requirePort(field: Field, port: number): void {
  if (!isPortNumber(port)) field.fault(`${port} is not a port number`, `write a number from 1 to ${PORT_MAX}`);
}

/** A number or the name of a container port, already decoded; text of digits only is a name, and a wrong one. */
export function requirePortOrName(field: Field, value: number | string): void {
  if (typeof value === 'number') {
    requirePort(field, value);
    return;
  }
  const problem = portNameProblem(value);
  if (problem === undefined) return;
  if (/^\d+$/.test(value)) {
    field.fault(
      `${shown(value)} is text, so it is read as the name of a container port, and a name ${problem}`,
      `write ${shownName(field.name)}: ${value}, without quotes, for port number ${value}`,
    );
  } else {
    field.fault(`${shown(value)} ${problem}`, 'write a number, or the name of a container port');
  }
}

export function requireAtLeast(field: Field, value: number | undefined, least: 0 | 1): void {
  if (value !== undefined && value < least) field.fault(`${value} is too small`, `write ${least} or more`);
}
