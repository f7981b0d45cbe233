import { SwitchboardError } from '../../../errors.ts';
import type { StoredClaim } from '../../../pods/index.ts';
import { columns } from '../../columns.ts';
import { EXIT } from '../../exit-codes.ts';
import { printData } from '../../print-data.ts';
import { message, print } from '../../terminal.ts';
import { type KnownClaim, knownClaims } from './claims.ts';
import type { VolumesListFlags, VolumesRemoveFlags } from './flags.ts';

/** @returns the exit code */
export async function listVolumes({ output, headers }: VolumesListFlags): Promise<number> {
  await using known = await knownClaims();
  const claims = known.claims.map(({ remove: _remove, ...claim }) => claim);
  if (output !== 'table') print(printData('VolumeList', claims, output));
  else if (claims.length === 0) message('note: no claim has data');
  else {
    const rows = claims.map(({ project, namespace, name, usedBy, data }) => {
      return [project, namespace, name, usedBy === undefined ? '' : `pid ${usedBy}`, data];
    });
    print(columns(['PROJECT', 'NAMESPACE', 'CLAIM', 'USED BY', 'DATA'], rows, headers));
  }
  return EXIT.fine;
}

/** @returns the exit code. @throws SWB_USAGE, SWB_NOT_FOUND */
export async function removeVolumes(names: readonly string[], { all }: VolumesRemoveFlags): Promise<number> {
  await using known = await knownClaims();
  const { claims } = known;
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
    await claim.remove();
    message(`removed ${nameOf(claim)}`);
  }
  return EXIT.fine;
}

function find(name: string, claims: readonly KnownClaim[]): KnownClaim {
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
