export {
  type DocumentCache,
  type Manifest,
  manifestOfValues,
  type ParseOptions,
  type PlacedFault,
  type PlacedObject,
  type PlacedValue,
  parseManifest,
} from './parse.ts';
export type { Position } from './places.ts';
export { readYaml } from './yaml.ts';
