export { type ManifestOptions, ManifestSource } from './manifests.ts';
