import { Argument, type Command, InvalidArgumentError } from '@commander-js/extra-typings';
import { type FlagsOf, withAgainst, withInput, withOutput } from '../../options/index.ts';

export const RESOURCES = ['routes', 'services', 'endpoints', 'endpointslices'] as const;
export type Resource = (typeof RESOURCES)[number];

const SHORT: Readonly<Record<string, Resource>> = {
  route: 'routes',
  svc: 'services',
  service: 'services',
  ep: 'endpoints',
  endpointslice: 'endpointslices',
};

export function withGetFlags(command: Command) {
  const chosen = command
    .option('-A, --all-namespaces', 'show all namespaces (the default without -n)', false)
    .option('-l, --selector <labels>', 'show Services with these labels only, such as app=web,tier!=db');
  return withOutput(withAgainst(withInput(chosen, 'show this namespace; also the namespace of objects without one')), [
    'table',
    'wide',
    'json',
    'yaml',
    'jsonl',
    'name',
  ]);
}

export type GetFlags = FlagsOf<typeof withGetFlags>;

export function resourceArgument() {
  return new Argument('<what>', RESOURCES.join(', ')).argParser(text => {
    const what = SHORT[text] ?? RESOURCES.find(resource => resource === text);
    if (what === undefined) throw new InvalidArgumentError(`Allowed choices are ${RESOURCES.join(', ')}.`);
    return what;
  });
}
