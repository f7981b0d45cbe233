/** The fields of the Kubernetes 1.37 API that only running pods needs. Other fields get a note. */

const list = (names: string): readonly string[] => names.split(/\s+/).filter(name => name !== '');

/** In the API's order, which decides which of several sources of a volume has the fault. */
export const VOLUME_SOURCES = list(`emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi
  glusterfs flocker persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc flexVolume configMap azureFile
  vsphereVolume azureDisk storageos photonPersistentDisk projected portworxVolume scaleIO csi ephemeral image`);
export const VOLUME_FIELDS = ['name', ...VOLUME_SOURCES];

export const EMPTY_DIR_FIELDS = list('medium mode sizeLimit');
export const CONFIG_MAP_VOLUME_FIELDS = list('defaultMode defaultUser items name optional');
export const SECRET_VOLUME_FIELDS = list('defaultMode defaultUser items optional secretName');
export const KEY_TO_PATH_FIELDS = list('key mode path user');
export const DOWNWARD_VOLUME_FIELDS = list('defaultMode defaultUser items');
export const DOWNWARD_FILE_FIELDS = list('fieldRef mode path resourceFieldRef user');
export const HOST_PATH_FIELDS = list('path type');
export const CLAIM_VOLUME_FIELDS = list('claimName readOnly');
export const EPHEMERAL_FIELDS = list('volumeClaimTemplate');
export const CLAIM_TEMPLATE_FIELDS = list('metadata spec');
export const PROJECTED_FIELDS = list('defaultMode defaultUser sources');
export const PROJECTION_SOURCES = list(
  'secret configMap downwardAPI serviceAccountToken clusterTrustBundle podCertificate',
);
export const KEYS_PROJECTION_FIELDS = list('items name optional');
export const DOWNWARD_PROJECTION_FIELDS = list('items');
export const TOKEN_PROJECTION_FIELDS = list('audience expirationSeconds path user');

export const CLAIM_SPEC_FIELDS = list(`accessModes dataSource dataSourceRef resources selector storageClassName
  volumeAttributesClassName volumeMode volumeName`);

export const MOUNT_FIELDS = list(`bindMountOptions mountPath mountPropagation name readOnly recursiveReadOnly subPath
  subPathExpr`);
export const CLAIM_RESOURCES_FIELDS = list('limits requests');
export const RESOURCES_FIELDS = list('claims limits requests');
export const LIFECYCLE_FIELDS = list('postStart preStop stopSignal');
export const HANDLER_FIELDS = list('exec httpGet sleep tcpSocket');
export const SLEEP_FIELDS = list('seconds');

export const POD_SECURITY_FIELDS = list(`appArmorProfile fsGroup fsGroupChangePolicy runAsGroup runAsNonRoot runAsUser
  seLinuxChangePolicy seLinuxOptions seccompProfile supplementalGroups supplementalGroupsPolicy sysctls windowsOptions`);
export const CONTAINER_SECURITY_FIELDS = list(`allowPrivilegeEscalation appArmorProfile capabilities privileged
  procMount readOnlyRootFilesystem runAsGroup runAsNonRoot runAsUser seLinuxOptions seccompProfile windowsOptions`);
export const CAPABILITIES_FIELDS = list('add drop');
export const SECCOMP_FIELDS = list('localhostProfile type');
export const SYSCTL_FIELDS = list('name value');

export const DNS_CONFIG_FIELDS = list('nameservers options searches');
export const DNS_OPTION_FIELDS = list('name value');
export const HOST_ALIAS_FIELDS = list('hostnames ip');
export const LOCAL_REFERENCE_FIELDS = list('name');
export const OS_FIELDS = list('name');

export const RESOURCE_REF_FIELDS = list('containerName divisor resource');
export const FILE_REF_FIELDS = list('key optional path volumeName');

export const STRATEGY_FIELDS = list('rollingUpdate type');
export const DEPLOYMENT_ROLLING_FIELDS = list('maxSurge maxUnavailable');
export const STATEFUL_ROLLING_FIELDS = list('maxUnavailable partition');
export const RETENTION_FIELDS = list('whenDeleted whenScaled');

export const SECRET_FIELDS = list('apiVersion data immutable kind metadata stringData type');
export const SERVICE_ACCOUNT_FIELDS = list(
  'apiVersion automountServiceAccountToken imagePullSecrets kind metadata secrets',
);
export const JOB_SPEC_FIELDS = list(`activeDeadlineSeconds backoffLimit backoffLimitPerIndex completionMode completions
  managedBy manualSelector maxFailedIndexes parallelism podFailurePolicy podReplacementPolicy scheduling selector
  successPolicy suspend template ttlSecondsAfterFinished`);
export const CRON_JOB_SPEC_FIELDS = list(`concurrencyPolicy failedJobsHistoryLimit jobTemplate schedule
  startingDeadlineSeconds successfulJobsHistoryLimit suspend timeZone`);
