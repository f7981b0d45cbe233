/**
 * The judges: upstream's own programs, built from a version's Go module into a cache folder outside the work tree.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type KubernetesVersion, moduleFolder, releaseOf } from './versions.ts';

export const JUDGES = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-proxy'] as const;

export type Judge = (typeof JUDGES)[number];

/** The package of each judge, as the `tool` lines of go.mod name it. */
export const JUDGE_PACKAGES: Readonly<Record<Judge, string>> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  'kube-proxy': 'k8s.io/kubernetes/cmd/kube-proxy',
};

/** @throws if no judge has that name */
export function parseJudge(text: string): Judge {
  const found = JUDGES.find(judge => judge === text);
  if (found === undefined) throw new Error(`${text} is not one of ${JUDGES.join(', ')}`);
  return found;
}

/** How `go build` makes them. Without the release in `gitVersion`, the API server calls itself v0.0.0. */
export function buildFlags(version: KubernetesVersion): readonly string[] {
  const release = releaseOf(version);
  return ['-trimpath', '-ldflags', `-s -w -X k8s.io/component-base/version.gitVersion=${release}`];
}

/** Where a version's judges are kept. What decides about the result is part of the name, so that nothing stale is run. */
export function judgesFolder(version: KubernetesVersion): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum']) hash.update(readFileSync(join(moduleFolder(version), file)));
  hash.update(JSON.stringify(buildFlags(version)));
  const name = `${releaseOf(version)}-${process.platform}-${process.arch}-${hash.digest('hex').slice(0, 12)}`;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'kube-switchboard', 'judges', name);
}

/** @throws if the version's judges are not built; the message says how to build them */
export function judgePath(judge: Judge, version: KubernetesVersion): string {
  const path = join(judgesFolder(version), judge);
  if (!existsSync(path)) throw new Error(notBuilt(version));
  return path;
}

/** Why a version's judges cannot run here; undefined: they can. */
export function judgesMissing(version: KubernetesVersion): string | undefined {
  return JUDGES.every(judge => existsSync(join(judgesFolder(version), judge))) ? undefined : notBuilt(version);
}

function notBuilt(version: KubernetesVersion): string {
  return `the control plane of Kubernetes ${version} is not built; to build it: npm run control-plane -- build ${version}`;
}
