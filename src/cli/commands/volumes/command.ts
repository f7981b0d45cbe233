import { Command } from '@commander-js/extra-typings';
import { withVolumesListFlags, withVolumesRemoveFlags } from './flags.ts';

export function volumesCommand() {
  return new Command('volumes')
    .summary('list and remove the data of persistent volume claims')
    .description(
      'The data of a claim is kept from one "up --run" to the next, for each folder with manifests by itself:\nin a folder of this machine for processes, in a volume of the engine for containers.',
    )
    .addCommand(listCommand())
    .addCommand(removeCommand());
}

function listCommand() {
  return withVolumesListFlags(new Command('ls'))
    .summary('list the claims that have data')
    .description('Lists the claims that have data, with their folders.')
    .action(async flags => {
      const { listVolumes } = await import('./run.ts');
      process.exitCode = await listVolumes(flags);
    });
}

function removeCommand() {
  return withVolumesRemoveFlags(new Command('rm'))
    .summary('remove the data of claims')
    .description('Removes the data of claims for good. Name them as NAMESPACE/CLAIM or PROJECT/NAMESPACE/CLAIM.')
    .argument('[claims...]', 'claims to remove')
    .action(async (claims, flags) => {
      const { removeVolumes } = await import('./run.ts');
      process.exitCode = await removeVolumes(claims, flags);
    });
}
