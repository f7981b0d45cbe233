import { Command } from '@commander-js/extra-typings';
import { packageVersion } from '../../../version.ts';
import { print } from '../../terminal.ts';

export function versionCommand() {
  return new Command('version').summary('print the version').action(() => {
    const { versions, platform, arch } = process;
    print(`switchboard ${packageVersion()} (node ${versions.node}, ${platform}/${arch})\n`);
  });
}
