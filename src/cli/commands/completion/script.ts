import type { CommandUnknownOpts as Command, Option } from '@commander-js/extra-typings';

interface Words {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
  readonly choices: readonly string[];
  /** Flags with a value, and its choices; empty if any value is valid. */
  readonly values: readonly { readonly flags: readonly string[]; readonly choices: readonly string[] }[];
  /** Subcommands, such as `install` of `dns install`. */
  readonly below: readonly Words[];
}

/** A script that completes commands, flags and fixed arguments from the command tree; the shell completes files. */
export function completionScript(program: Command, shell: 'bash' | 'zsh' | 'fish'): string {
  const commands = program.commands.map(wordsOf);
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return `autoload -U +X bashcompinit && bashcompinit\n${bash(commands)}`;
    case 'fish':
      return fish(program.commands);
  }
}

function wordsOf(command: Command): Words {
  const below = command.commands.map(wordsOf);
  const words = command.registeredArguments.flatMap(
    argument => argument.argChoices ?? resourceNames(argument.description),
  );
  const choices = [...below.map(each => each.name), ...words];
  const values = command.options
    .filter(option => option.required)
    .map(option => ({ flags: flagsOf(option), choices: option.argChoices ?? [] }));
  return {
    name: command.name(),
    summary: command.summary(),
    flags: command.options.flatMap(flagsOf),
    choices,
    values,
    below,
  };
}

/** An argument with its own parser lists its values in its description, separated by commas. */
function resourceNames(description: string): string[] {
  return /^[a-z]+(, [a-z]+)+$/.test(description) ? description.split(', ') : [];
}

function flagsOf(option: Option): string[] {
  return [option.short, option.long].filter(flag => flag !== undefined && flag !== null);
}

/** Completes choices or files after a flag with a value, and the words of the command elsewhere. */
function bash(commands: readonly Words[]): string {
  const cases = commands
    .map(c => `    ${c.name}) words="${[...c.choices, ...c.flags, '--help'].join(' ')}" ;;`)
    .join('\n');
  const below = commands.flatMap(c =>
    c.below.map(b => `    "${c.name} ${b.name}") words="${[...b.choices, ...b.flags, '--help'].join(' ')}" ;;`),
  );
  const values = commands.flatMap(c =>
    [c, ...c.below]
      .flatMap(each => each.values)
      .map(v => `    ${v.flags.map(flag => `"${c.name} ${flag}"`).join('|')}) words="${v.choices.join(' ')}" ;;`),
  );
  const names = [...commands.map(c => c.name), 'help', '--help'].join(' ');
  return `_switchboard() {
  local cur=\${COMP_WORDS[COMP_CWORD]} words
  case \${COMP_WORDS[1]} in
${cases}
    *) words="${names}" ;;
  esac
  [ "$COMP_CWORD" -lt 3 ] || case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${below.join('\n')}
  esac
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${values.join('\n')}
  esac
  [ "$COMP_CWORD" -gt 1 ] || words="${names}"
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
  local IFS=$'\\n'
  [ \${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- "$cur"))
}
complete -o filenames -F _switchboard switchboard
`;
}

function fish(commands: readonly Command[]): string {
  const lines = ['complete -c switchboard -n __fish_use_subcommand -f -a help -d "show help for a command"'];
  for (const command of commands) {
    const { name, summary, choices } = wordsOf(command);
    lines.push(`complete -c switchboard -n __fish_use_subcommand -f -a ${name} -d "${summary.replaceAll('"', "'")}"`);
    const inside = `-n "__fish_seen_subcommand_from ${name}"`;
    if (choices.length > 0) lines.push(`complete -c switchboard ${inside} -f -a "${choices.join(' ')}"`);
    for (const option of command.options) {
      const short = option.short ? ` -s ${option.short.replace('-', '')}` : '';
      const long = option.long ? ` -l ${option.long.replace('--', '')}` : '';
      const values = option.argChoices ? ` -x -a "${option.argChoices.join(' ')}"` : option.required ? ' -r' : '';
      lines.push(
        `complete -c switchboard ${inside}${short}${long}${values} -d "${option.description.replaceAll('"', "'")}"`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
