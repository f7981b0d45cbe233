import { type Command, Option, type OptionValues } from '@commander-js/extra-typings';

type Format = 'table' | 'wide' | 'json' | 'yaml' | 'jsonl' | 'name';

/** For commands that print routes or objects as tables or as data. */
export function withOutput<Args extends unknown[], Flags extends OptionValues, const Formats extends readonly Format[]>(
  command: Command<Args, Flags>,
  formats: Formats,
) {
  return command
    .addOption(new Option('-o, --output <format>', 'output format').choices(formats).default('table'))
    .option('--no-headers', 'omit the header line of tables');
}

/** For commands that print a report as text or as JSON. */
export function withTextOrJson<Args extends unknown[], Flags extends OptionValues>(command: Command<Args, Flags>) {
  return command.addOption(
    new Option('-o, --output <format>', 'output format').choices(['text', 'json']).default('text'),
  );
}
