import { SwitchboardError } from '../../../errors.ts';
import { ClaimStore, type StoredClaim } from '../../../pods/index.ts';
import { columns } from '../../columns.ts';
import { EXIT } from '../../exit-codes.ts';
import { printData } from '../../print-data.ts';
import { message, print } from '../../terminal.ts';
import type { VolumesListFlags, VolumesRemoveFlags } from './flags.ts';

/** @returns the exit code */
export function listVolumes({ output, headers }: VolumesListFlags): number {
  const claims = new ClaimStore().list();
  if (output !== 'table') print(printData('VolumeList', claims, output));
  else if (claims.length === 0) message('note: no claim has data');
  else {
    const rows = claims.map(({ project, namespace, name, usedBy, data }) => {
      return [project, namespace, name, usedBy === undefined ? '' : `pid ${usedBy}`, data];
    });
    print(columns(['PROJECT', 'NAMESPACE', 'CLAIM', 'USED BY', 'FOLDER'], rows, headers));
  }
  return EXIT.fine;
}

/** @returns the exit code. @throws SWB_USAGE, SWB_NOT_FOUND */
export function removeVolumes(names: readonly string[], { all }: VolumesRemoveFlags): number {
  const store = new ClaimStore();
  const claims = store.list();
  if (all === names.length > 0) throw new SwitchboardError('SWB_USAGE', 'volumes rm: name claims, or write --all');
  const chosen = all ? claims.filter(({ usedBy }) => usedBy === undefined) : names.map(name => find(name, claims));
  for (const claim of chosen) {
    if (claim.usedBy !== undefined) {
      throw new SwitchboardError(
        'SWB_USAGE',
        `volumes rm ${nameOf(claim)}: pods of a running instance use it (pid ${claim.usedBy}); stop that first`,
      );
    }
  }
  for (const claim of chosen) {
    store.remove(claim);
    message(`removed ${nameOf(claim)}`);
  }
  return EXIT.fine;
}

function find(name: string, claims: readonly StoredClaim[]): StoredClaim {
  const found = claims.filter(claim => [nameOf(claim), `${claim.namespace}/${claim.name}`, claim.name].includes(name));
  const [only, ...others] = found;
  if (only === undefined) {
    throw new SwitchboardError(
      'SWB_NOT_FOUND',
      `volumes rm ${name}: no such claim has data; see switchboard volumes ls`,
    );
  }
  if (others.length > 0) {
    const list = found.map(nameOf).join(', ');
    throw new SwitchboardError(
      'SWB_USAGE',
      `volumes rm ${name}: several claims have this name: ${list}; write one of these`,
    );
  }
  return only;
}

function nameOf({ project, namespace, name }: StoredClaim): string {
  return `${project}/${namespace}/${name}`;
}
