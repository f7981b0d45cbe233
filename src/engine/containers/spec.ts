/** What to create a container from. What is absent stays as the image or the engine has it. */
export interface ContainerSpec {
  readonly name: string;
  /** A full reference or an image's id. */
  readonly image: string;
  readonly platform?: string;
  /** Replaces the image's ENTRYPOINT and drops its CMD; an empty list means none. */
  readonly entrypoint?: readonly string[];
  /** Replaces the image's CMD. */
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** `UID:GID`. */
  readonly user?: string;
  readonly workingDir?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly network: ContainerNetwork;
  readonly ipc?: SharedNamespace;
  readonly pid?: SharedNamespace;
  readonly mounts?: readonly ContainerMount[];
  readonly security?: ContainerSecurity;
  readonly limits?: ContainerLimits;
  readonly stopSignal?: string;
}

/**
 * Only a container with a network of its own has a hostname, DNS settings and ports: engines refuse them on a container
 * that joins another one's network.
 */
export type ContainerNetwork =
  | NetworkMember
  | { readonly kind: 'join'; readonly container: string }
  | { readonly kind: 'none'; readonly hostname?: string };

export interface NetworkMember {
  readonly kind: 'member';
  readonly network: string;
  /** Otherwise the engine chooses one of the network's range. */
  readonly ipv4?: string;
  readonly hostname?: string;
  readonly domainname?: string;
  readonly dns?: {
    readonly servers: readonly string[];
    readonly searches: readonly string[];
    readonly options: readonly string[];
  };
  /** Lines of /etc/hosts: `NAME:IP`. */
  readonly extraHosts?: readonly string[];
  readonly ports?: readonly PublishedPort[];
  /** `net.*` only. */
  readonly sysctls?: Readonly<Record<string, string>>;
}

export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: 'TCP' | 'UDP';
  readonly hostIp: string;
  /** 0: a free one. */
  readonly hostPort: number;
}

export type SharedNamespace =
  | { readonly kind: 'private' }
  | { readonly kind: 'shareable' }
  | { readonly kind: 'join'; readonly container: string };

export type ContainerMount = { readonly target: string; readonly readOnly?: boolean } & (
  | { readonly kind: 'volume'; readonly volume: string; readonly subpath?: string }
  | { readonly kind: 'bind'; readonly source: string }
  | { readonly kind: 'tmpfs'; readonly sizeBytes?: number; readonly mode?: number }
);

export interface ContainerSecurity {
  /** Without the prefix `CAP_`; `ALL`. */
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly privileged?: boolean;
  /** `no-new-privileges`, `seccomp=unconfined`. */
  readonly options?: readonly string[];
  readonly readOnlyRoot?: boolean;
  readonly groups?: readonly string[];
}

export interface ContainerLimits {
  /** Without swap. */
  readonly memoryBytes?: number;
  readonly nanoCpus?: number;
  readonly cpuShares?: number;
}
