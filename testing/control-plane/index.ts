/** A real Kubernetes control plane for tests, benches and people, built from Go modules. */
export type { ApiResponse } from './api-client.ts';
export { buildJudges } from './build.ts';
export { type ControlPlane, controlPlaneMissing, startControlPlane } from './control-plane.ts';
export { type Judge, judgePath, judgesMissing } from './judges.ts';
export type { ControlPlaneOptions } from './lifecycle.ts';
export { type Account, accountWith } from './service-account.ts';
export { KUBERNETES_VERSIONS, type KubernetesVersion, NEWEST_VERSION, releaseOf, selectedVersion } from './versions.ts';
