/** The fields of the Kubernetes 1.37 API for the kinds in this folder. Other fields get a note. */

export const OBJECT_FIELDS = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

const list = (names: string): readonly string[] => names.split(/\s+/).filter(name => name !== '');

export const META_FIELDS = list(`annotations creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers
  generateName generation labels managedFields name namespace ownerReferences resourceVersion selfLink uid`);

export const SERVICE_SPEC_FIELDS = list(`allocateLoadBalancerNodePorts clusterIP clusterIPs externalIPs externalName
  externalTrafficPolicy healthCheckNodePort internalTrafficPolicy ipFamilies ipFamilyPolicy loadBalancerClass
  loadBalancerIP loadBalancerSourceRanges ports publishNotReadyAddresses selector sessionAffinity sessionAffinityConfig
  trafficDistribution type`);

export const SERVICE_PORT_FIELDS = list('appProtocol name nodePort port protocol targetPort');

export const POD_SPEC_FIELDS = list(`activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig
  dnsPolicy enableServiceLinks ephemeralContainers evictionResponders hostAliases hostIPC hostNetwork hostPID hostUsers hostname
  hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os overhead preemptionPolicy priority
  priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName schedulerName
  schedulingGates schedulingGroup securityContext serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain
  terminationGracePeriodSeconds tolerations topologySpreadConstraints volumes`);

export const CONTAINER_FIELDS = list(`args command env envFrom image imagePullPolicy lifecycle livenessProbe name ports
  readinessProbe resizePolicy resources restartPolicy restartPolicyRules securityContext startupProbe stdin stdinOnce
  terminationMessagePath terminationMessagePolicy tty volumeDevices volumeMounts workingDir`);

export const CONTAINER_PORT_FIELDS = list('containerPort hostIP hostPort name protocol');

export const PROBE_FIELDS = list(`exec failureThreshold grpc httpGet initialDelaySeconds periodSeconds successThreshold
  tcpSocket terminationGracePeriodSeconds timeoutSeconds`);

export const HTTP_GET_FIELDS = list('host httpHeaders path port protocol scheme');
export const TCP_SOCKET_FIELDS = list('host port');
export const EXEC_FIELDS = list('command');
export const GRPC_FIELDS = list('mode port service');
export const ENV_FIELDS = list('name value valueFrom');
export const ENV_SOURCE_FIELDS = list('configMapKeyRef fieldRef fileKeyRef resourceFieldRef secretKeyRef');
export const ENV_FROM_FIELDS = list('configMapRef prefix secretRef');

const REPLICA_FIELDS = list('minReadySeconds replicas selector template');
export const WORKLOAD_SPEC_FIELDS = {
  ReplicaSet: REPLICA_FIELDS,
  ReplicationController: REPLICA_FIELDS,
  Deployment: [...REPLICA_FIELDS, ...list('paused progressDeadlineSeconds revisionHistoryLimit strategy')],
  StatefulSet: [
    ...REPLICA_FIELDS,
    ...list('ordinals persistentVolumeClaimRetentionPolicy podManagementPolicy revisionHistoryLimit serviceName'),
    ...list('updateStrategy volumeClaimTemplates'),
  ],
  DaemonSet: list('minReadySeconds revisionHistoryLimit selector template updateStrategy'),
};

export const TEMPLATE_FIELDS = list('metadata spec');

export const SLICE_FIELDS = list('addressType apiVersion endpoints kind metadata ports');
export const SLICE_ENDPOINT_FIELDS = list(
  'addresses conditions deprecatedTopology hints hostname nodeName targetRef zone',
);
export const SLICE_PORT_FIELDS = list('appProtocol name port protocol');
export const SLICE_CONDITION_FIELDS = list('ready serving terminating');

export const ENDPOINTS_FIELDS = list('apiVersion kind metadata subsets');
export const SUBSET_FIELDS = list('addresses notReadyAddresses ports');
export const ENDPOINTS_ADDRESS_FIELDS = list('hostname ip nodeName targetRef');

export const CONFIG_MAP_FIELDS = list('apiVersion binaryData data immutable kind metadata');
