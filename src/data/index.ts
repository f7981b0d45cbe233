/** Plain data: hashes, comparison, control characters, and values whose type is not known yet. */
export { escapeControls } from './escape-controls.ts';
export { fnv1a } from './hash.ts';
export { parseJson } from './json.ts';
export { isRecord } from './record.ts';
export { sameData, sameOr } from './same-data.ts';
