import type { Container, KubeObject, PodSpec, RoutingObject } from '../kube/index.ts';

/**
 * The objects that may leave the process: what routing reads. Leaves out Secrets and other kinds that only running pods
 * needs, and the `run` of the others.
 */
export function sharedObjects(objects: readonly KubeObject[]): readonly RoutingObject[] {
  return objects.flatMap((object): readonly RoutingObject[] => {
    switch (object.kind) {
      case 'Secret':
      case 'ServiceAccount':
      case 'PersistentVolumeClaim':
      case 'Job':
      case 'CronJob':
        return [];
      case 'Pod':
        return [{ ...object, spec: withoutRun(object.spec) }];
      case 'Deployment':
      case 'ReplicaSet':
      case 'StatefulSet':
      case 'DaemonSet':
      case 'ReplicationController': {
        const { run: _run, ...rest } = object;
        return [{ ...rest, template: { ...rest.template, spec: withoutRun(rest.template.spec) } }];
      }
      case 'ConfigMap': {
        const { run: _run, ...rest } = object;
        return [rest];
      }
      default:
        return [object];
    }
  });
}

function withoutRun(spec: PodSpec): PodSpec {
  const { run: _run, containers, initContainers, ...rest } = spec;
  return { ...rest, containers: containers.map(containerOnly), initContainers: initContainers.map(containerOnly) };
}

function containerOnly(container: Container): Container {
  const { run: _run, ...rest } = container;
  return rest;
}
