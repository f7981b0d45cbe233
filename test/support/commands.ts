/**
 * Commands that a test uses and that a machine may lack.
 *
 * @module
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Where Debian has them. */
const PACKAGES = {
  'apt-get': 'apt',
  conntrack: 'conntrack',
  curl: 'curl',
  dig: 'bind9-dnsutils',
  dnsmasq: 'dnsmasq-base',
  dpkg: 'dpkg',
  openssl: 'openssl',
  python3: 'python3',
  script: 'bsdutils',
} as const;

/**
 * Why a test that needs these commands has to be skipped.
 *
 * @returns undefined if it can run
 * @throws if it cannot and SWITCHBOARD_REQUIRE_KERNEL=1 forbids to skip
 */
export function commandsMissing(...names: readonly (keyof typeof PACKAGES)[]): string | undefined {
  const name = names.find(each => !isThere(each));
  if (name === undefined) return undefined;
  const reason = `the command ${name} is missing (Debian: ${PACKAGES[name]})`;
  if (process.env.SWITCHBOARD_REQUIRE_KERNEL === '1') {
    throw new Error(`SWITCHBOARD_REQUIRE_KERNEL=1 forbids to skip: ${reason}`);
  }
  return reason;
}

/** The name of a test that may have to be skipped, with the reason. */
export function titled(name: string, missing: string | undefined): string {
  return missing === undefined ? name : `${name} (skipped: ${missing})`;
}

function isThere(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
