import { SwitchboardError } from '../../errors.ts';

/** RFC 1035, 2.3.4: a name with its length bytes, and one label without. */
const MOST_NAME_BYTES = 255;
const MOST_LABEL_BYTES = 63;

/**
 * A name in small letters. Length bytes are at most 63 and `A` is 65, so that every byte can be treated alike; only
 * ASCII letters have a case in DNS (RFC 4343).
 */
export function lowerCased(name: Uint8Array): Buffer {
  const lower = Buffer.allocUnsafe(name.length);
  // Every question comes by here; `map` with a function takes twenty times as long (Node 24).
  for (let at = 0; at < name.length; at++) {
    const byte = name[at] ?? 0;
    lower[at] = byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
  }
  return lower;
}

/**
 * The wire form of a name as it is written in settings, in small letters; `.` is the root.
 *
 * @throws SWB_USAGE where it is no name
 */
export function nameOf(text: string): Uint8Array {
  const labels = text
    .replace(/\.$/, '')
    .split('.')
    .filter((label, _index, all) => all.length > 1 || label !== '');
  const parts = labels.map(label => Buffer.from(label.toLowerCase()));
  const length = parts.reduce((sum, part) => sum + part.length + 1, 1);
  const fits = parts.every(part => part.length >= 1 && part.length <= MOST_LABEL_BYTES);
  if (!fits || length > MOST_NAME_BYTES) throw new SwitchboardError('SWB_USAGE', `"${text}" is not a DNS name`);
  return Buffer.concat([...parts.flatMap(part => [Buffer.from([part.length]), part]), Buffer.of(0)]);
}

/** Whether a name is the zone's own or lies below it. Both in small letters. */
export function isWithin(name: Uint8Array, zone: Uint8Array): boolean {
  for (let at = 0; name.length - at >= zone.length; at += (name[at] ?? 0) + 1) {
    if (name.length - at === zone.length) return zone.every((byte, index) => name[at + index] === byte);
  }
  return false;
}

/** How many labels a name has, the root not counted. */
export function labelCount(name: Uint8Array): number {
  let count = 0;
  for (let at = 0; (name[at] ?? 0) !== 0; at += (name[at] ?? 0) + 1) count++;
  return count;
}

/** A name for messages to people; what is no printable ASCII is written as `\ddd` (RFC 1035, 5.1). */
export function textOf(name: Uint8Array): string {
  let text = '';
  for (let at = 0; (name[at] ?? 0) !== 0; at += (name[at] ?? 0) + 1) {
    for (const byte of name.subarray(at + 1, at + 1 + (name[at] ?? 0))) text += byteText(byte);
    text += '.';
  }
  return text === '' ? '.' : text;
}

function byteText(byte: number): string {
  if (byte <= 0x20 || byte >= 0x7f) return `\\${String(byte).padStart(3, '0')}`;
  const character = String.fromCharCode(byte);
  return character === '.' || character === '\\' ? `\\${character}` : character;
}
