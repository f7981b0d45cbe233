/** What a probe or a hook does, and when. */
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
