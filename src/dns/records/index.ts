import { TYPE } from '../wire/numbers.ts';
import { makeA, makeAaaa } from './addresses.ts';
import { makeNs, makeSoa, makeTxt } from './furniture.ts';
import type { RecordMaker } from './maker.ts';
import { makeCname, makePtr } from './pointers.ts';
import { makeSrv } from './srv.ts';

/** Every type that some name owns records of. A new type is a maker and a line here. */
export const MAKERS: ReadonlyMap<number, RecordMaker> = new Map([
  [TYPE.A, makeA],
  [TYPE.AAAA, makeAaaa],
  [TYPE.CNAME, makeCname],
  [TYPE.NS, makeNs],
  [TYPE.PTR, makePtr],
  [TYPE.SOA, makeSoa],
  [TYPE.SRV, makeSrv],
  [TYPE.TXT, makeTxt],
]);

export { soaRecord } from './furniture.ts';
export type { Made, MakerContext, RecordMaker } from './maker.ts';
