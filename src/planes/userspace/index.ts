/**
 * The userspace plane: every frontend is a socket of this process, every connection is carried by it.
 *
 * @module
 */
import type { Plane } from '../plane.ts';
import { UserspacePlane } from './plane.ts';
import { settle, type UserspaceOptions } from './settings.ts';

export type { Balance, PlaneEvent, UserspaceOptions } from './settings.ts';

export function createUserspacePlane(options: UserspaceOptions = {}): Plane {
  return new UserspacePlane(settle(options));
}
