import type { Directory } from '../directory/directory.ts';
import type { Labels } from './name.ts';
import type { Owner } from './owner.ts';
import { readReverseName } from './reverse-name.ts';
import type { Zone, Zones } from './zones.ts';

/** What a reverse name that somebody has is the name of, whether or not its zone is ours. */
export function locateAddress(name: Labels, directory: Directory, zones: Zones): Owner | undefined {
  const reverse = readReverseName(name);
  if (reverse?.kind !== 'address') return undefined;
  // Endpoints on loopback are common on a laptop; the address belongs to programs that ask for it all the same.
  if (reverse.address === '127.0.0.1' || reverse.address === '::1') return { kind: 'pointer', targets: ['localhost'] };
  const names = directory.reverse.namesOf(reverse.address);
  if (names.length === 0) return undefined;
  return { kind: 'pointer', targets: names.map(owner => `${owner}.svc.${zones.main.text}`) };
}

/** Whether a name with too few labels for an address lies above one that somebody has. */
export function isAboveAddress(name: Labels, directory: Directory): boolean {
  const reverse = readReverseName(name);
  return reverse?.kind === 'prefix' && directory.reverse.hasBelow(reverse.text);
}

/** A name in a reverse zone that is ours alone. */
export function locateReverse(name: Labels, zone: Zone, directory: Directory, zones: Zones): Owner | undefined {
  if (name.length === zone.labels.length) return { kind: 'apex', zone };
  const owner = locateAddress(name, directory, zones);
  if (owner !== undefined) return owner;
  return isAboveAddress(name, directory) ? { kind: 'empty' } : undefined;
}
