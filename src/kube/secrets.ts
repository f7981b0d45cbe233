import type { ObjectMeta } from './meta.ts';
import type { SecretValue } from './secret-value.ts';

export interface Secret {
  readonly kind: 'Secret';
  readonly meta: ObjectMeta;
  /** `Opaque` or another, such as `kubernetes.io/tls`. */
  readonly type: string;
  /** `data` and `stringData` together. */
  readonly data: Readonly<Record<string, SecretValue>>;
  readonly immutable: boolean;
}

export interface ServiceAccount {
  readonly kind: 'ServiceAccount';
  readonly meta: ObjectMeta;
  /** Names of Secrets. */
  readonly imagePullSecrets: readonly string[];
  readonly automountServiceAccountToken: boolean;
}
