/**
 * The userspace plane: every frontend is a socket of this process, every connection is carried by it.
 *
 * @module
 */
import type { Plane } from '../plane.ts';
import { resolveOptions, type UserspaceOptions } from './options.ts';
import { UserspacePlane } from './plane.ts';

export type { Balance, PlaneEvent, UserspaceOptions } from './options.ts';

export function createUserspacePlane(options: UserspaceOptions = {}): Plane {
  return new UserspacePlane(resolveOptions(options));
}
