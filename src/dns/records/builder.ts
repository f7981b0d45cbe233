import type { Answer } from 'dns-packet';
import type { Directory } from '../directory/directory.ts';
import type { Owner } from '../names/locate.ts';
import type { Zone, Zones } from '../names/zones.ts';

/** The query's name and what builders read. */
export interface BuildContext {
  /** In lower case, without the final dot. */
  readonly name: string;
  readonly zone: Zone;
  readonly zones: Zones;
  readonly directory: Directory;
}

export interface BuiltRecords {
  readonly answers: readonly Answer[];
  /** Addresses of the names in the answers. */
  readonly additionals?: readonly Answer[];
}

/** Builds the records of one type at a name. Returns an empty list if the name has none. */
export type RecordBuilder = (owner: Owner, context: BuildContext) => BuiltRecords;

export const NONE: BuiltRecords = { answers: [] };
