/** Pods that are wanted and pods that run, in short notation. */
import type { Pod } from '../../src/kube/index.ts';
import type { RunState } from '../../src/pods/rollout.ts';

export type Kind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'ReplicaSet' | undefined;

export const spec = (version: string): Pod['spec'] => ({
  containers: [{ name: version, command: ['x'], args: [], env: [], envFrom: [], ports: [] }],
  initContainers: [],
  hostNetwork: false,
  enableServiceLinks: true,
  restartPolicy: 'Always',
  terminationGracePeriodSeconds: 30,
  readinessGates: [],
});

function pod(kind: Kind, name: string, version: string): Pod {
  return {
    kind: 'Pod',
    meta: {
      name,
      namespace: 'default',
      labels: {},
      annotations: {},
      owners: kind === undefined ? [] : [{ kind, name: 'web', controller: true }],
    },
    spec: spec(version),
    status: { phase: 'Pending', podIPs: [], conditions: [] },
  };
}

/** `web-0:v1` wanted; `web-0:v1 ready`, `web-0:v1 starting`, `web-0:v1 ending` running. */
export function world(
  kind: Kind,
  wanted: string,
  running: string,
): { wanted: Map<string, Pod>; runs: Map<string, RunState> } {
  const owner = kind === undefined ? undefined : `${kind} default/web`;
  const items = (text: string) => text.split(',').flatMap(item => (item.trim() === '' ? [] : [item.trim()]));
  return {
    wanted: new Map(
      items(wanted).map(item => {
        const [name = '', version = ''] = item.split(':');
        return [`default/${name}`, pod(kind, name, version)];
      }),
    ),
    runs: new Map(
      items(running).map(item => {
        const [name = '', version = '', state = ''] = item.split(/[: ]/);
        // One that is ending may well answer its probe until its end.
        return [
          `default/${name}`,
          { owner, ready: state !== 'starting', terminating: state === 'ending', spec: spec(version) },
        ];
      }),
    ),
  };
}

export const short = (keys: readonly string[]) => keys.map(key => key.replace('default/', '')).join(' ');
