/**
 * The command lines of a control plane's programs, for a machine of its own: everything listens on loopback, requests
 * carry a bearer token, and the API server makes its own serving certificate.
 *
 * @module
 */
import { join } from 'node:path';
import { judgePath } from './judges.ts';
import type { KubernetesVersion } from './versions.ts';

export interface Ports {
  readonly etcd: number;
  readonly etcdPeers: number;
  readonly apiServer: number;
}

export interface ControlPlaneSettings {
  readonly version: KubernetesVersion;
  readonly ports: Ports;
  /** One range, or two of different families with a comma between. */
  readonly serviceCidr: string;
  readonly controllers: boolean;
}

export const FILES = {
  /** Certificate and CA of the API server, which writes it itself. */
  certificate: 'certificates/apiserver.crt',
  kubeconfig: 'kubeconfig',
  serviceAccountKey: 'service-account.key',
  serviceAccountPublicKey: 'service-account.pub',
  token: 'token',
  tokens: 'tokens.csv',
} as const;

export function etcdCommand(directory: string, { version, ports }: ControlPlaneSettings): string[] {
  const clients = `http://127.0.0.1:${ports.etcd}`;
  const peers = `http://127.0.0.1:${ports.etcdPeers}`;
  return [
    judgePath('etcd', version),
    '--name=default',
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=default=${peers}`,
    // Nothing here has to survive a power failure.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerCommand(directory: string, settings: ControlPlaneSettings): string[] {
  const { version, ports, serviceCidr } = settings;
  return [
    judgePath('kube-apiserver', version),
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    `--cert-dir=${join(directory, 'certificates')}`,
    // The controller that publishes the API server's address as endpoints refuses loopback addresses.
    '--endpoint-reconciler-type=none',
    `--service-cluster-ip-range=${serviceCidr}`,
    `--token-auth-file=${join(directory, FILES.tokens)}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(directory, FILES.serviceAccountPublicKey)}`,
    `--service-account-signing-key-file=${join(directory, FILES.serviceAccountKey)}`,
    // No controller creates the service accounts that this plugin asks for.
    '--disable-admission-plugins=ServiceAccount',
    '--allow-privileged=true',
    '--profiling=false',
  ];
}

export function controllerManagerCommand(directory: string, { version, serviceCidr }: ControlPlaneSettings): string[] {
  return [
    judgePath('kube-controller-manager', version),
    `--kubeconfig=${join(directory, FILES.kubeconfig)}`,
    '--controllers=endpointslice-controller,endpointslice-mirroring-controller',
    `--service-cluster-ip-range=${serviceCidr}`,
    '--leader-elect=false',
    // Serves nothing.
    '--secure-port=0',
  ];
}
