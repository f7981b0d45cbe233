/** Containers of a pod, cut down to the fields that Switchboard uses: ports, environment, command and probes. */
import type { Protocol } from '../net/index.ts';

export interface ContainerPort {
  readonly name: string;
  readonly protocol: Protocol;
  readonly containerPort: number;
  readonly hostPort?: number;
}

export type EnvSource =
  | { readonly kind: 'value'; readonly value: string }
  | { readonly kind: 'configMap'; readonly name: string; readonly key: string; readonly optional: boolean }
  | { readonly kind: 'field'; readonly path: string }
  /** A source that Switchboard does not support (secretKeyRef, resourceFieldRef); `what` names it. */
  | { readonly kind: 'unsupported'; readonly what: string; readonly optional: boolean };

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

export type ProbeAction =
  | {
      readonly kind: 'httpGet';
      readonly host?: string;
      readonly path: string;
      readonly port: number | string;
      readonly scheme: 'HTTP' | 'HTTPS';
      readonly headers: readonly (readonly [name: string, value: string])[];
    }
  | { readonly kind: 'tcpSocket'; readonly host?: string; readonly port: number | string }
  | { readonly kind: 'exec'; readonly command: readonly string[] }
  | { readonly kind: 'grpc'; readonly port: number; readonly service: string };

/** In seconds, with the kubelet's defaults filled in. */
export interface Probe {
  readonly action: ProbeAction;
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly successThreshold: number;
  readonly failureThreshold: number;
  readonly terminationGracePeriodSeconds?: number;
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
}
