export interface DoctorFlags {
  readonly clusterDomain: string;
  readonly namespace: string;
  readonly server: readonly string[];
  readonly output: 'text' | 'json';
  readonly fix: boolean;
}
