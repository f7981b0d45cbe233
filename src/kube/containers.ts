/** Containers of a pod, cut down to the fields that Switchboard uses: ports, environment, command and probes. */
import type { Protocol } from '../net/index.ts';
import type { Probe } from './probes.ts';
import type { ContainerRunSpec } from './running.ts';
import type { ResourceReference } from './volumes.ts';

export interface ContainerPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly hostPort?: number;
  /** The host's address for hostPort; undefined: every one. Only if `ReadOptions.run` asks for it. */
  readonly hostIP?: string;
}

export type EnvSource =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'configMap'; readonly name: string; readonly key: string; readonly optional: boolean }
  | { readonly kind: 'field'; readonly path: string }
  | { readonly kind: 'secret'; readonly name: string; readonly key: string; readonly optional: boolean }
  | { readonly kind: 'resource'; readonly ref: ResourceReference }
  /** A key of a file of variables in an emptyDir (Kubernetes 1.35). */
  | {
      readonly kind: 'file';
      readonly volumeName: string;
      readonly path: string;
      readonly key: string;
      readonly optional: boolean;
    };

export interface EnvVar {
  readonly name: string;
  readonly source: EnvSource;
}

export interface EnvFrom {
  readonly kind: 'configMap' | 'secret';
  readonly name: string;
  readonly prefix: string;
  readonly optional: boolean;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  /** Empty: the image's entrypoint, which Switchboard does not have. */
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly workingDir?: string;
  readonly env: readonly EnvVar[];
  readonly envFrom: readonly EnvFrom[];
  readonly ports: readonly ContainerPort[];
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly startupProbe?: Probe;
  /** On init containers, Always makes a sidecar, whose ports count. */
  readonly restartPolicy?: 'Always';
  /** Only if `ReadOptions.run` asks for it. */
  readonly run?: ContainerRunSpec;
}
