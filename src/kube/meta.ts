/** What every object has. */
export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly kind: string;
  readonly name: string;
  readonly controller: boolean;
  readonly uid?: string;
}

export interface ObjectMeta {
  readonly name: string;
  /** `''` for kinds without a namespace. */
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly uid?: string;
  /** RFC 3339. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly owners: readonly OwnerReference[];
}
