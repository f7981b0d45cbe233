export { findFiles, readManifestFile, readStream } from './files.ts';
export { type ManifestOptions, ManifestSource } from './manifests.ts';
