import { Command } from 'commander';
import { packageVersion } from '../../../version.ts';

export function versionCommand(): Command {
  return new Command('version').summary('print the version').action(() => {
    const { versions, platform, arch } = process;
    process.stdout.write(`switchboard ${packageVersion()} (node ${versions.node}, ${platform}/${arch})\n`);
  });
}
