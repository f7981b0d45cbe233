/**
 * Source of objects from an API server: `createClusterSource`, then `load`, `watch`, `close`.
 *
 * @module
 */
export { type ClusterSource, createClusterSource } from './cluster-source.ts';
export { LINT_RESOURCES } from './lint-resources.ts';
export type { ClusterEvent, ClusterOptions, ClusterTimings, KindStatus } from './options.ts';
export { type RawChoice, type RawObjects, readRawObjects } from './raw-lists.ts';
export {
  type ClusterRole,
  FEATURES,
  type Feature,
  isFeature,
  KINDS_OF_FEATURE,
  type PolicyRule,
  rbacFor,
} from './rbac.ts';
