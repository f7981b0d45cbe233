import type { Answer } from 'dns-packet';
import type { Directory } from '../directory/directory.ts';
import type { Owner } from '../names/locate.ts';
import type { Zone, Zones } from '../names/zones.ts';

/** Where and for whom records are made. */
export interface MakerContext {
  /** The name asked, in small letters, without the root's dot. */
  readonly name: string;
  readonly zone: Zone;
  readonly zones: Zones;
  readonly directory: Directory;
}

export interface Made {
  readonly answers: readonly Answer[];
  /** What the asker will want to know next. */
  readonly additionals?: readonly Answer[];
}

/** Makes the records of one type that a name owns; none is an empty list. */
export type RecordMaker = (owner: Owner, context: MakerContext) => Made;

export const NONE: Made = { answers: [] };
