import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ControlPlaneSettings } from './commands.ts';
import type { ProcessRecord } from './processes.ts';
import { parseVersion } from './versions.ts';

const FILE = 'control-plane.json';

/** What a control plane's directory records of it. */
export interface ControlPlaneState {
  readonly settings: ControlPlaneSettings;
  readonly processes: readonly ProcessRecord[];
}

export async function writeState(directory: string, state: ControlPlaneState): Promise<void> {
  await writeFile(join(directory, FILE), `${JSON.stringify(state, undefined, 2)}\n`);
}

export function hasState(directory: string): boolean {
  return existsSync(join(directory, FILE));
}

/** @throws if no control plane was started in the directory */
export function readState(directory: string): ControlPlaneState {
  let state: unknown;
  try {
    state = JSON.parse(readFileSync(join(directory, FILE), 'utf8'));
  } catch (cause) {
    throw new Error(`${directory} holds no control plane that can be read: start one with: up ${directory}`, { cause });
  }
  const settings = record(record(state).settings);
  const ports = record(settings.ports);
  return {
    settings: {
      version: parseVersion(String(settings.version), join(directory, FILE)),
      ports: { etcd: Number(ports.etcd), etcdPeers: Number(ports.etcdPeers), apiServer: Number(ports.apiServer) },
      serviceCidr: String(settings.serviceCidr),
      controllers: settings.controllers === true,
    },
    processes: list(record(state).processes).map(item => {
      const { name, pid, argv } = record(item);
      return { name: String(name), pid: Number(pid), argv: list(argv).map(String) };
    }),
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
