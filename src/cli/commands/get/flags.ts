import type { AgainstFlags, InputFlags, OutputFlags } from '../../options.ts';

export const RESOURCES = ['routes', 'services', 'endpoints', 'endpointslices'] as const;

export interface GetFlags extends InputFlags, AgainstFlags, OutputFlags {
  readonly allNamespaces: boolean;
  readonly selector?: string;
}

export type Resource = (typeof RESOURCES)[number];
