import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRecord } from '../../data/index.ts';
import { isRunning, stateFolder } from '../../system/index.ts';

/** A persistent volume claim's place, which is kept from one run to the next. */
export interface StoredClaim {
  /** The folder of the manifests, with a part that makes it unique: `k8s-1f3a5c7e`. */
  readonly project: string;
  readonly namespace: string;
  readonly name: string;
  /** The folder of the manifests. */
  readonly manifests: string;
  /** What pods see. */
  readonly data: string;
  /** The process of a running instance whose pods use it. */
  readonly usedBy?: number;
}

const RECORD = 'claim.json';
const USERS = 'users';

/** Two folders with manifests do not share the data of claims of the same name. */
export function projectOf(manifests: string): string {
  const plain = basename(manifests).replaceAll(/[^A-Za-z0-9._-]+/g, '_');
  return `${plain === '' ? 'root' : plain}-${createHash('sha256').update(manifests).digest('hex').slice(0, 8)}`;
}

/** The claims' folders below the state folder. */
export class ClaimStore {
  readonly #root: string;

  /** @param state the folder for what outlives a run */
  constructor(state: string = stateFolder()) {
    this.#root = join(state, 'volumes');
  }

  /** Makes the claim's folder, and records which instance uses it. @returns the folder */
  open(manifests: string, namespace: string, name: string, instance: number): string {
    const folder = join(this.#root, projectOf(manifests), namespace, name);
    const data = join(folder, 'data');
    // Other users cannot enter the state folder, so they see nothing of this.
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    mkdirSync(data, { recursive: true });
    writeFileSync(join(folder, RECORD), `${JSON.stringify({ manifests })}\n`);
    mkdirSync(join(folder, USERS), { recursive: true });
    writeFileSync(join(folder, USERS, String(instance)), '');
    return data;
  }

  /** Sorted by project, namespace and name. */
  list(): StoredClaim[] {
    return namesIn(this.#root).flatMap(project =>
      namesIn(join(this.#root, project)).flatMap(namespace =>
        namesIn(join(this.#root, project, namespace)).map(name => {
          const folder = join(this.#root, project, namespace, name);
          const usedBy = userOf(folder);
          return {
            project,
            namespace,
            name,
            manifests: manifestsOf(folder),
            data: join(folder, 'data'),
            ...(usedBy === undefined ? {} : { usedBy }),
          };
        }),
      ),
    );
  }

  remove({ project, namespace, name }: Pick<StoredClaim, 'project' | 'namespace' | 'name'>): void {
    rmSync(join(this.#root, project, namespace, name), { recursive: true, force: true });
    for (const folder of [join(this.#root, project, namespace), join(this.#root, project)]) {
      if (namesIn(folder).length === 0) rmSync(folder, { recursive: true, force: true });
    }
  }
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

function manifestsOf(folder: string): string {
  try {
    const record: unknown = JSON.parse(readFileSync(join(folder, RECORD), 'utf8'));
    return isRecord(record) && typeof record.manifests === 'string' ? record.manifests : '';
  } catch {
    return '';
  }
}

/** Forgets instances that have ended. */
function userOf(folder: string): number | undefined {
  const users = namesIn(join(folder, USERS)).map(Number);
  for (const pid of users) if (!isRunning(pid)) rmSync(join(folder, USERS, String(pid)), { force: true });
  return users.find(isRunning);
}
