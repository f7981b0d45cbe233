import { dirname } from 'node:path';

/** One thing that is done to the system. */
export type Step =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  /** `folderToo`: it was made with the file, and goes with it if nothing else is in it. */
  | { readonly kind: 'remove'; readonly path: string; readonly folderToo: boolean }
  /** `mayFail`: what has been done stays if it does; somebody may have taken the program away since. */
  | { readonly kind: 'run'; readonly command: readonly string[]; readonly mayFail?: boolean };

/** What will be done, in order; decided before anything is. */
export interface Plan {
  readonly steps: readonly Step[];
  /** What the user should know beside it. */
  readonly notes: readonly string[];
}

/** For people: what is about to happen, with the text of every file. */
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

/** No line of ours is this one. */
const END_OF_TEXT = 'SWITCHBOARD';

/** The same as words for a shell, for those who do it by hand: it may be read, or given to `sudo sh`. */
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
      // Its last word is a line of its own language, and is given to that.
      if (step.command[0] === 'powershell') return `${step.command.at(-1)}\n`;
      return `${step.command.map(quoted).join(' ')}\n`;
  }
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
