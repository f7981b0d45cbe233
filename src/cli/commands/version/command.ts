import { Command } from '@commander-js/extra-typings';
import { packageVersion } from '../../../version.ts';

export function versionCommand() {
  return new Command('version').summary('print the version').action(() => {
    const { versions, platform, arch } = process;
    process.stdout.write(`switchboard ${packageVersion()} (node ${versions.node}, ${platform}/${arch})\n`);
  });
}
