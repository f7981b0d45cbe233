import { engineReason, engineStatus, refused } from '../api/engine-error.ts';

/** Shorter values would make reasons unreadable, and hide nothing. */
const MIN_SECRET_LENGTH = 4;

/** Engines repeat parts of the request in their reasons; the values of variables may be secret. */
export function withoutValues(error: unknown, doing: string, values: readonly string[]): unknown {
  const status = engineStatus(error);
  if (status === undefined) return error;
  const longestFirst = values.filter(value => value.length >= MIN_SECRET_LENGTH).sort((a, b) => b.length - a.length);
  const reason = longestFirst.reduce((text, value) => text.replaceAll(value, '[value]'), engineReason(error));
  return refused(doing, status, `${reason}${hintFor(reason)}`);
}

/** Only shared folders exist in the virtual machine of an engine. */
function hintFor(reason: string): string {
  if (!reason.includes('bind source path does not exist')) return '';
  return '; if the engine runs in a virtual machine, share the folder with it';
}
