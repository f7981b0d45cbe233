import { WORKLOAD_KINDS } from '../../kube/index.ts';
import { type ApiResource, resourceOf } from './kinds.ts';

type Scope = 'namespaced' | 'cluster';

function resource(apiVersion: string, kind: string, plural: string, scope: Scope = 'namespaced'): ApiResource {
  const [group = '', version = ''] = apiVersion.split('/');
  return { kind, group, version, plural, namespaced: scope === 'namespaced' };
}

/** The resources that lint rules read; a cluster need not have all of them. */
export const LINT_RESOURCES: readonly ApiResource[] = [
  ...(
    ['Service', 'EndpointSlice', 'Endpoints', 'Pod', ...WORKLOAD_KINDS, 'Node', 'Namespace', 'ServiceCIDR'] as const
  ).map(resourceOf),
  resource('batch/v1', 'Job', 'jobs'),
  resource('batch/v1', 'CronJob', 'cronjobs'),
  resource('networking.k8s.io/v1', 'Ingress', 'ingresses'),
  resource('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
  resource('autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
  resource('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects'),
  resource('gateway.networking.k8s.io/v1', 'HTTPRoute', 'httproutes'),
  resource('gateway.networking.k8s.io/v1', 'GRPCRoute', 'grpcroutes'),
  resource('gateway.networking.k8s.io/v1alpha2', 'TLSRoute', 'tlsroutes'),
  resource('gateway.networking.k8s.io/v1alpha2', 'TCPRoute', 'tcproutes'),
  resource('gateway.networking.k8s.io/v1alpha2', 'UDPRoute', 'udproutes'),
  resource('gateway.networking.k8s.io/v1beta1', 'ReferenceGrant', 'referencegrants'),
  resource('monitoring.coreos.com/v1', 'ServiceMonitor', 'servicemonitors'),
  resource('cilium.io/v2', 'CiliumNetworkPolicy', 'ciliumnetworkpolicies'),
  resource('cilium.io/v2', 'CiliumClusterwideNetworkPolicy', 'ciliumclusterwidenetworkpolicies', 'cluster'),
  resource('crd.projectcalico.org/v1', 'GlobalNetworkPolicy', 'globalnetworkpolicies', 'cluster'),
  resource('policy.networking.k8s.io/v1alpha1', 'AdminNetworkPolicy', 'adminnetworkpolicies', 'cluster'),
  resource(
    'policy.networking.k8s.io/v1alpha1',
    'BaselineAdminNetworkPolicy',
    'baselineadminnetworkpolicies',
    'cluster',
  ),
  resource(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    'cluster',
  ),
  resource(
    'admissionregistration.k8s.io/v1',
    'ValidatingWebhookConfiguration',
    'validatingwebhookconfigurations',
    'cluster',
  ),
  resource('apiregistration.k8s.io/v1', 'APIService', 'apiservices', 'cluster'),
  resource('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions', 'cluster'),
];
