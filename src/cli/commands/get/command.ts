import { Argument, Command, InvalidArgumentError } from 'commander';
import { withAgainst, withInput, withOutput } from '../../options.ts';
import { type GetFlags, RESOURCES, type Resource } from './flags.ts';

const SHORT: Readonly<Record<string, Resource>> = {
  route: 'routes',
  svc: 'services',
  service: 'services',
  ep: 'endpoints',
  endpointslice: 'endpointslices',
};

export function getCommand(): Command {
  const command = new Command('get')
    .summary('what manifests come to, without serving them')
    .description(
      'Evaluates manifests and prints routes, services, endpoints, or the EndpointSlices that a cluster would make; nothing is listened on.',
    )
    .addArgument(
      new Argument('<what>', RESOURCES.join(', ')).argParser(text => {
        const what = SHORT[text] ?? RESOURCES.find(resource => resource === text);
        if (what === undefined)
          throw new InvalidArgumentError(`cannot get "${text}"; there are ${RESOURCES.join(', ')}`);
        return what;
      }),
    )
    .argument('[names...]', 'Services to show; all if none is named')
    .option('-A, --all-namespaces', 'show all namespaces (so it is unless -n is given)', false)
    .option('-l, --selector <labels>', 'only Services with these labels, such as app=web,tier!=db');
  return withOutput(withAgainst(withInput(command)), ['table', 'wide', 'json', 'yaml', 'jsonl', 'name']).action(
    async (what: Resource, names: string[], flags: GetFlags) => {
      const { get } = await import('./run.ts');
      process.exitCode = await get(what, names, flags);
    },
  );
}
