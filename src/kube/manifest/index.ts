export { type DocumentCache, type Manifest, type PlacedFault, type PlacedObject, parseManifest } from './parse.ts';
export type { Position } from './places.ts';
