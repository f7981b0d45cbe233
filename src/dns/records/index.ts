import { TYPE } from '../wire/numbers.ts';
import { buildA, buildAaaa } from './addresses.ts';
import type { RecordBuilder } from './builder.ts';
import { buildCname, buildPtr } from './pointers.ts';
import { buildSrv } from './srv.ts';
import { buildNs, buildSoa, buildTxt } from './zone.ts';

/** A builder for every type that this server has records of. To add a type, add a file and a line here. */
export const RECORD_BUILDERS: ReadonlyMap<number, RecordBuilder> = new Map([
  [TYPE.A, buildA],
  [TYPE.AAAA, buildAaaa],
  [TYPE.CNAME, buildCname],
  [TYPE.NS, buildNs],
  [TYPE.PTR, buildPtr],
  [TYPE.SOA, buildSoa],
  [TYPE.SRV, buildSrv],
  [TYPE.TXT, buildTxt],
]);

export type { BuildContext, BuiltRecords, RecordBuilder } from './builder.ts';
export { soaRecord } from './zone.ts';
