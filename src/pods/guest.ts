import type { Pod } from '../kube/index.ts';

/** A pod without containers: a place among the pods for a program that no manifest names. */
export function guestPod(namespace: string, name: string): Pod {
  return {
    kind: 'Pod',
    meta: { name, namespace, labels: {}, annotations: {}, owners: [] },
    spec: {
      containers: [],
      initContainers: [],
      hostNetwork: false,
      enableServiceLinks: false,
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      readinessGates: [],
    },
    status: { phase: 'Pending', podIPs: [], conditions: [] },
  };
}
