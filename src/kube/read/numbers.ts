import type { Field } from './field.ts';
import { portNameProblem } from './grammar.ts';
import { shown, shownName } from './wording.ts';

const PORT_MAX = 65_535;

export function isPortNumber(value: number): boolean {
  return value >= 1 && value <= PORT_MAX;
}

/** Reads a required port number. The API treats 0 as absent. */
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

/** Validates a port number, or the name of a container port. Text of digits only is an invalid name. */
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

/** Reads a number of 0 or more. */
export function readCount(field: Field): number | undefined {
  const count = field.integer();
  requireAtLeast(field, count, 0);
  return count;
}

export function requireAtLeast(field: Field, value: number | undefined, min: 0 | 1): void {
  if (value !== undefined && value < min) field.fault(`${value} is too small`, `write ${min} or more`);
}
