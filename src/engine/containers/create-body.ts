import type { EngineFacts } from '../facts.ts';
import type { ContainerMount, ContainerNetwork, ContainerSpec, NetworkMember, SharedNamespace } from './spec.ts';

/** So that a container that logs without end does not fill the disk. */
const LOG_CONFIG = { Type: 'json-file', Config: { 'max-size': '10m' } };

/** The body of `POST /containers/create`. Holds the values of variables: never log it. */
export function createBody(spec: ContainerSpec, engine: EngineFacts['name']): Readonly<Record<string, unknown>> {
  const { network } = spec;
  const member = network.kind === 'member' ? network : undefined;
  return {
    Image: spec.image,
    // Absent means the image's; an empty list means none.
    ...(spec.entrypoint !== undefined && { Entrypoint: spec.entrypoint }),
    ...(spec.cmd !== undefined && { Cmd: spec.cmd }),
    ...(spec.env !== undefined && { Env: Object.entries(spec.env).map(([name, value]) => `${name}=${value}`) }),
    ...(spec.user !== undefined && { User: spec.user }),
    ...(spec.workingDir !== undefined && { WorkingDir: spec.workingDir }),
    ...(spec.stopSignal !== undefined && { StopSignal: spec.stopSignal }),
    Labels: spec.labels ?? {},
    // Kubernetes ignores an image's HEALTHCHECK.
    Healthcheck: { Test: ['NONE'] },
    ...(network.kind !== 'join' && network.hostname !== undefined && { Hostname: network.hostname }),
    ...(member?.domainname !== undefined && { Domainname: member.domainname }),
    ...(member?.ports !== undefined && { ExposedPorts: Object.fromEntries(portKeys(member).map(key => [key, {}])) }),
    ...(member !== undefined && {
      NetworkingConfig: { EndpointsConfig: { [member.network]: endpointConfig(member) } },
    }),
    HostConfig: hostConfig(spec, engine),
  };
}

function hostConfig(spec: ContainerSpec, engine: EngineFacts['name']): Readonly<Record<string, unknown>> {
  const { network, mounts = [], security = {}, limits = {}, ipc, pid } = spec;
  const { memoryBytes, nanoCpus, cpuShares } = limits;
  return {
    NetworkMode: networkMode(network),
    RestartPolicy: { Name: 'no' },
    LogConfig: LOG_CONFIG,
    Mounts: mounts.map(mountOf),
    ...(network.kind === 'member' && memberConfig(network)),
    // With Docker the hostname comes with the network; and it refuses the field.
    ...(network.kind === 'join' && engine === 'podman' && { UTSMode: networkMode(network) }),
    ...(ipc !== undefined && { IpcMode: namespaceMode(ipc) }),
    ...(pid?.kind === 'join' && { PidMode: namespaceMode(pid) }),
    ...(security.capAdd !== undefined && { CapAdd: security.capAdd }),
    ...(security.capDrop !== undefined && { CapDrop: security.capDrop }),
    ...(security.privileged === true && { Privileged: true }),
    ...(security.options !== undefined && { SecurityOpt: security.options }),
    ...(security.readOnlyRoot === true && { ReadonlyRootfs: true }),
    ...(security.groups !== undefined && { GroupAdd: security.groups }),
    // The same number for memory and swap: no swap.
    ...(memoryBytes !== undefined && { Memory: memoryBytes, MemorySwap: memoryBytes }),
    ...(nanoCpus !== undefined && { NanoCpus: nanoCpus }),
    ...(cpuShares !== undefined && { CpuShares: cpuShares }),
  };
}

function memberConfig({
  dns,
  extraHosts,
  ports,
  sysctls,
  ...member
}: NetworkMember): Readonly<Record<string, unknown>> {
  const keys = portKeys({ ...member, ...(ports !== undefined && { ports }) });
  return {
    ...(dns !== undefined && { Dns: dns.servers, DnsSearch: dns.searches, DnsOptions: dns.options }),
    ...(extraHosts !== undefined && { ExtraHosts: extraHosts }),
    ...(sysctls !== undefined && { Sysctls: sysctls }),
    ...(ports !== undefined && {
      PortBindings: Object.fromEntries(
        [...new Set(keys)].map(key => [
          key,
          ports
            .filter((_, index) => keys[index] === key)
            .map(({ hostIp, hostPort }) => ({ HostIp: hostIp, HostPort: hostPort === 0 ? '' : String(hostPort) })),
        ]),
      ),
    }),
  };
}

function portKeys({ ports = [] }: NetworkMember): string[] {
  return ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol.toLowerCase()}`);
}

function endpointConfig({ ipv4 }: NetworkMember): Readonly<Record<string, unknown>> {
  return ipv4 === undefined ? {} : { IPAMConfig: { IPv4Address: ipv4 } };
}

function networkMode(network: ContainerNetwork): string {
  switch (network.kind) {
    case 'member':
      return network.network;
    case 'join':
      return `container:${network.container}`;
    case 'none':
      return 'none';
  }
}

function namespaceMode(namespace: SharedNamespace): string {
  return namespace.kind === 'join' ? `container:${namespace.container}` : namespace.kind;
}

/** `Mounts` and not `Binds`: Docker makes a missing source of `Binds` as an empty folder of root, silently. */
function mountOf(mount: ContainerMount): Readonly<Record<string, unknown>> {
  const base = { Target: mount.target, ReadOnly: mount.readOnly ?? false };
  switch (mount.kind) {
    case 'volume':
      // Kubernetes does not copy the image's files into an empty volume.
      return {
        ...base,
        Type: 'volume',
        Source: mount.volume,
        VolumeOptions: { NoCopy: true, ...(mount.subpath !== undefined && { Subpath: mount.subpath }) },
      };
    case 'bind':
      return { ...base, Type: 'bind', Source: mount.source };
    case 'tmpfs':
      return {
        ...base,
        Type: 'tmpfs',
        TmpfsOptions: {
          ...(mount.sizeBytes !== undefined && { SizeBytes: mount.sizeBytes }),
          ...(mount.mode !== undefined && { Mode: mount.mode }),
        },
      };
  }
}
