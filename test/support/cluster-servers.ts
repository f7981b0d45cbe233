/** The servers that tests of the cluster source run against: one in this process, and a real control plane. */
import { describe } from 'vitest';
import { ApiServer } from '../../testing/api-server/index.ts';
import { type ApiResponse, controlPlaneMissing, startControlPlane } from '../../testing/control-plane/index.ts';

export interface Server {
  readonly kubeconfig: string;
  request(method: string, path: string, body?: unknown): Promise<ApiResponse>;
  stop(): Promise<void>;
}

const TOKEN = 'a-token-that-is-known';

interface Candidate {
  readonly name: string;
  readonly missing: string | undefined;
  readonly start: () => Promise<Server>;
}

/** Declares the tests once for each server. */
export function fromEachServer(declare: (start: () => Promise<Server>) => void): void {
  for (const { name, missing, start } of candidates()) {
    describe.skipIf(missing !== undefined)(`from ${name}`, () => declare(start));
  }
}

function candidates(): readonly Candidate[] {
  const missing = controlPlaneMissing();
  return [
    {
      name: 'a server in this process',
      missing: undefined,
      start: () => ApiServer.start({ tokens: new Set([TOKEN]) }),
    },
    { name: `a real control plane${missing ? `: ${missing}` : ''}`, missing, start: () => startControlPlane() },
  ];
}
