/**
 * What a test requires of its machine. A test whose machine lacks it skips, with the reason in its name.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Debian package of each command. */
const PACKAGES = {
  'apt-get': 'apt',
  busybox: 'busybox-static',
  conntrack: 'conntrack',
  curl: 'curl',
  dig: 'bind9-dnsutils',
  dnsmasq: 'dnsmasq-base',
  'docker-registry': 'docker-registry',
  dockerd: 'docker.io',
  dpkg: 'dpkg',
  htpasswd: 'apache2-utils',
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
  openssl: 'openssl',
  pasta: 'passt',
  podman: 'podman',
  ps: 'procps',
  python3: 'python3',
  runc: 'runc',
  script: 'bsdutils',
  slirp4netns: 'slirp4netns',
  tcpdump: 'tcpdump',
  unshare: 'util-linux',
} as const;

/**
 * Returns the reason why a test has to skip.
 *
 * @throws if there is a reason and SWITCHBOARD_FORBID_SKIPS=1, as in CI
 */
export function forbidSkip(reason: string | undefined): string | undefined {
  if (reason !== undefined && process.env.SWITCHBOARD_FORBID_SKIPS === '1') {
    throw new Error(`SWITCHBOARD_FORBID_SKIPS=1, but a test has to skip: ${reason}`);
  }
  return reason;
}

/** Why a test that needs these commands has to skip; undefined: it can run. */
export function commandsMissing(...names: readonly (keyof typeof PACKAGES)[]): string | undefined {
  const name = names.find(each => !isInstalled(each));
  return forbidSkip(name === undefined ? undefined : `the command ${name} is missing (Debian: ${PACKAGES[name]})`);
}

/** Why a test that needs these Debian packages has to skip; undefined: it can run. */
export function packagesMissing(...names: readonly string[]): string | undefined {
  const name = names.find(each => spawnSync('dpkg-query', ['-W', each], { stdio: 'ignore' }).status !== 0);
  return forbidSkip(name === undefined ? undefined : `the Debian package ${name} is not installed`);
}

/** The name of a test that may have to skip, with the reason. */
export function titled(name: string, missing: string | undefined): string {
  return missing === undefined ? name : `${name} (skipped: ${missing})`;
}

function isInstalled(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
