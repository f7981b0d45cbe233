/** Plain data: hashes, comparison, and values whose type is not known yet. */
export { fnv1a } from './hash.ts';
export { parseJson } from './json.ts';
export { isRecord } from './record.ts';
export { sameData, sameOr } from './same-data.ts';
