import { dirname } from 'node:path';

/** One change of the system. */
export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  /** `folderToo`: the folder was created with the file; remove it, too, if it is empty. */
  | { readonly kind: 'remove'; readonly path: string; readonly folderToo: boolean }
  /** `mayFail`: earlier steps stay if it fails; the program may have been uninstalled. */
  | { readonly kind: 'run'; readonly command: readonly string[]; readonly mayFail?: boolean };

/** Changes of the system, in order. */
export interface Plan {
  readonly steps: readonly Step[];
  /** Notes for the user. */
  readonly notes: readonly string[];
}

/** The plan for people, with the text of every file. */
export function planText(plan: Plan): string {
  return plan.steps.map(stepText).join('');
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'write':
      return `write ${step.path}\n${indented(step.text)}`;
    case 'remove':
      return `remove ${step.path}\n`;
    case 'run':
      return `run ${step.command.map(quoted).join(' ')}\n`;
  }
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, '    ');
}

/** No line of Switchboard's files equals it. */
const END_OF_TEXT = 'SWITCHBOARD';

/** The plan as a shell script, to read or to run with `sudo sh`. */
export function planScript(plan: Plan): string {
  return plan.steps.map(stepScript).join('');
}

function stepScript(step: Step): string {
  switch (step.kind) {
    case 'write': {
      const folder = quoted(dirname(step.path));
      return `mkdir -p ${folder}\ncat > ${quoted(step.path)} <<'${END_OF_TEXT}'\n${step.text}${END_OF_TEXT}\n`;
    }
    case 'remove': {
      const folder = step.folderToo ? `rmdir ${quoted(dirname(step.path))} 2>/dev/null || true\n` : '';
      return `rm -f ${quoted(step.path)}\n${folder}`;
    }
    case 'run':
      // The last word is PowerShell code, which PowerShell gets as it is.
      if (step.command[0] === 'powershell') return `${step.command.at(-1)}\n`;
      return `${step.command.map(quoted).join(' ')}\n`;
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
