import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The Kubernetes versions that the tests run against, newest first. Each has a Go module in a folder of its name. */
export const KUBERNETES_VERSIONS = ['1.37', '1.34'] as const;

export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

export const NEWEST_VERSION: KubernetesVersion = KUBERNETES_VERSIONS[0];

/**
 * The version that judges this run: SWITCHBOARD_KUBERNETES, or the newest.
 *
 * @throws if the variable names a version without a module
 */
export function selectedVersion(): KubernetesVersion {
  const wanted = process.env.SWITCHBOARD_KUBERNETES;
  return wanted === undefined || wanted === '' ? NEWEST_VERSION : parseVersion(wanted, 'SWITCHBOARD_KUBERNETES');
}

/** @throws if there is no module for the version; the message names `origin`, where the text came from */
export function parseVersion(text: string, origin: string): KubernetesVersion {
  const found = KUBERNETES_VERSIONS.find(version => version === text.replace(/^v/, ''));
  if (found !== undefined) return found;
  throw new Error(`${origin}: ${text} is not one of ${KUBERNETES_VERSIONS.join(', ')}`);
}

/** The folder of a version's Go module. */
export function moduleFolder(version: KubernetesVersion): string {
  return join(import.meta.dirname, `v${version}`);
}

/** The patch release that a version's go.mod requires, such as `v1.37.2`. */
export function releaseOf(version: KubernetesVersion): string {
  const text = readFileSync(join(moduleFolder(version), 'go.mod'), 'utf8');
  const release = /^\s*(?:require )?k8s\.io\/kubernetes (v\S+)/m.exec(text)?.[1];
  if (release === undefined) throw new Error(`testing/control-plane/v${version}/go.mod requires no k8s.io/kubernetes`);
  return release;
}
