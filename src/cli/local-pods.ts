import { dirname, resolve } from 'node:path';
import type { ObjectEvent, Pod } from '../kube/index.ts';
import {
  type DialledService,
  EnvOverrides,
  ImageOverrides,
  LocalPodRunner,
  type PodNetwork,
  PROCESSES,
  runtimeOf,
} from '../pods/index.ts';
import type { ManifestSource } from '../sources/manifests/index.ts';
import type { ServedPlane, Up } from '../up/index.ts';
import type { ObjectStore } from '../world/index.ts';
import { podNotice } from './notices.ts';
import type { PodLogs } from './pod-logs.ts';
import type { PodSide } from './pod-side/side.ts';
import { message } from './terminal.ts';

/** What flags say about pods. */
export interface PodSettings {
  readonly env?: EnvOverrides;
  /** Folders that hostPath volumes may use. */
  readonly hostPaths?: readonly string[];
  /** Whether CronJobs run by their schedules. */
  readonly cron?: boolean;
  /** Images in place of the manifests'. */
  readonly images?: ImageOverrides;
}

/** The runner of local pods: they dial Services as the plane of the pods serves them, and their folder is that of their manifest. */
export function localPods(
  report: (events: readonly ObjectEvent[]) => void,
  up: Up,
  source: ManifestSource,
  logs: PodLogs,
  { network, planeOf }: Pick<PodSide, 'network' | 'planeOf'>,
  { env = new EnvOverrides(), images = new ImageOverrides(), hostPaths = [], cron = false }: PodSettings = {},
): LocalPodRunner {
  const folderOf = (kind: string, namespace: string, name: string): string | undefined => {
    const file = source.fileOf(kind, namespace, name);
    return file === undefined ? undefined : resolve(dirname(file));
  };
  return new LocalPodRunner({
    report,
    network,
    servicePorts: ip => servicePorts(up, ip),
    onLine: (pod, container, line) => logs.line(pod, container, line),
    onNotice: podNotice,
    onJobEnd: message,
    onFinding: text => message(`note: ${text}`),
    services: (namespace, pod) => dialledServices(up, namespace, up.inside(planeOf(pod))),
    directoryOf: pod => {
      const { namespace, name, owners } = pod.meta;
      // A Job of a CronJob is in no file, but the CronJob is.
      const makers = [...owners.map(owner => ({ kind: owner.kind, name: owner.name })), { kind: 'Pod', name }];
      return makers.map(maker => folderOf(maker.kind, namespace, maker.name)).find(Boolean) ?? process.cwd();
    },
    manifestsOf: (namespace, claim) => folderOf('PersistentVolumeClaim', namespace, claim),
    env,
    images,
    hostPaths,
    cron,
  });
}

function servicePorts(up: Up, ip: string): number[] {
  const ports: number[] = [];
  for (const route of up.table.routes()) {
    if (route.protocol !== 'TCP') continue;
    for (const endpoint of route.endpoints) if (endpoint.address === ip) ports.push(endpoint.port);
  }
  return ports;
}

/** Every Service of a namespace that has a listener for its cluster IP, with the ports on which it listens. */
function dialledServices(up: Up, namespace: string, inside: ServedPlane): DialledService[] {
  const services = new Map<string, { name: string; host: string; ports: DialledService['ports'][number][] }>();
  for (const route of up.table.routes()) {
    if (route.namespace !== namespace || route.kind !== 'proxied') continue;
    const listener = inside.listenersOf(route.key).find(l => l.frontend.kind === 'clusterIP' && l.failed === undefined);
    if (listener === undefined) continue;
    const port = { name: route.portName, port: listener.port, protocol: route.protocol };
    const service = services.get(route.name);
    if (service === undefined) services.set(route.name, { name: route.name, host: listener.address, ports: [port] });
    else if (service.host === listener.address) service.ports.push(port);
  }
  return [...services.values()];
}

/**
 * A line about pods that nobody runs and that have no address: they get no connections.
 *
 * @param network that of the pods that run here; undefined: none do
 */
export function unplacedPods(store: ObjectStore, network: PodNetwork | undefined): string[] {
  const unplaced = [...store.pods()].filter(
    pod => pod.status.podIPs.length === 0 && pod.status.phase === 'Pending' && network?.runtimeOf(pod) === undefined,
  );
  if (unplaced.length === 0) return [];
  const names = unplaced.slice(0, 3).map(pod => `${pod.meta.namespace}/${pod.meta.name}`);
  const list = `${names.join(', ')}${unplaced.length > 3 ? ` and ${unplaced.length - 3} more` : ''}`;
  const first = `${unplaced[0]?.meta.namespace}/${unplaced[0]?.meta.name}`;
  const place = `name its address with --pod ${first}=127.0.0.1:PORT`;
  return network === undefined && unplaced.some(pod => runtimeOf(pod, PROCESSES) !== undefined)
    ? [`pods without an address get no connections: ${list}; run them here with --run, or ${place}`]
    : [`pods without an address and without a command get no connections: ${list}${whyNot(unplaced)}; ${place}`];
}

function whyNot(pods: readonly Pod[]): string {
  const container = pods[0]?.spec.containers.find(candidate => candidate.command.length === 0);
  return container?.image === undefined
    ? ''
    : ` (container ${container.name} uses the command of the image ${container.image})`;
}
