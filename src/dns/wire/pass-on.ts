import type { MessageWriter } from './message-writer.ts';
import { HEADER_BYTES } from './numbers.ts';
import { questionEnd, readRecords, type Section } from './records.ts';

/** Records of an upstream's response that go into a response of this server. */
export interface PassedOn {
  /** Checked by `readRecords`; has one question and no OPT. */
  readonly message: Buffer;
  /** The sections to pass on, without a gap from the first. */
  readonly sections: readonly Section[];
}

export interface Written {
  readonly counts: Readonly<Record<Section, number>>;
  /** Some records did not fit. */
  readonly truncated: boolean;
}

/**
 * Appends records byte for byte, so that types unknown to this server stay intact. Only compression pointers change if
 * the records move to another offset.
 *
 * Leaves out whole records that do not fit, and then all additional ones: a client would take half of the addresses for
 * all of them.
 *
 * @param nameAt offset in the new message of the uncompressed name that was the question of the old one
 */
export function passOn(
  { message, sections }: PassedOn,
  writer: MessageWriter,
  { nameAt, limit }: { readonly nameAt: number; readonly limit: number },
): Written {
  const pointers: number[] = [];
  const all = readRecords(message, at => pointers.push(at)).filter(({ section }) => sections.includes(section));
  const start = questionEnd(message);
  const shift = writer.at - start;
  const truncated = (all.at(-1)?.end ?? start) + shift > limit;
  const fitting = truncated ? all.filter(r => r.section !== 'additional' && r.end + shift <= limit) : all;
  const end = fitting.at(-1)?.end ?? start;
  const counts = { answer: 0, authority: 0, additional: 0 };
  const moved =
    shift === 0
      ? []
      : movedPointers(
          message,
          pointers.filter(at => at < end),
          { start, shift, nameAt },
        );
  if (moved === undefined) return { counts, truncated: true };
  message.copy(writer.bytes, writer.at, start, end);
  for (const { at, pointer } of moved) writer.bytes.writeUInt16BE(pointer, at);
  writer.at += end - start;
  for (const { section } of fitting) counts[section]++;
  return { counts, truncated };
}

const POINTER = 0xc000;
const POINTER_REACH = 0x3fff;

/** @returns undefined if a pointer would exceed its range, or does not point to a name */
function movedPointers(
  message: Buffer,
  pointers: readonly number[],
  { start, shift, nameAt }: { readonly start: number; readonly shift: number; readonly nameAt: number },
): readonly { readonly at: number; readonly pointer: number }[] | undefined {
  const moved: { at: number; pointer: number }[] = [];
  const nameEnd = start - 4;
  for (const at of pointers) {
    const target = message.readUInt16BE(at) & POINTER_REACH;
    if (target >= nameEnd && target < start) return undefined;
    const place = target < start ? target - HEADER_BYTES + nameAt : target + shift;
    if (place > POINTER_REACH) return undefined;
    moved.push({ at: at + shift, pointer: POINTER | place });
  }
  return moved;
}
