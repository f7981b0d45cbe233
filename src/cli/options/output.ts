import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';

type Format = 'table' | 'wide' | 'json' | 'yaml' | 'jsonl' | 'name';

/** For commands that print routes or objects, as tables or as data. */
export function withOutput<Args extends unknown[], Flags extends OptionValues, const Formats extends readonly Format[]>(
  command: Command<Args, Flags>,
  formats: Formats,
) {
  return command
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formats).default('table'))
    .option('--no-headers', 'tables without their first line');
}

/** For commands that print a report for people, or the same as data. */
export function withTextOrJson<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command.addOption(
    new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'),
  );
}
