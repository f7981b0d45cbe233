import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../../program.ts';
import { RESOURCES } from '../get/flags.ts';
import { completionScript } from './script.ts';

const run = promisify(execFile);
const program = buildProgram();
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchboard-completion-'));
  await writeFile(join(folder, 'shop.yaml'), '');
  await writeFile(join(folder, 'with blank.yaml'), '');
  await mkdir(join(folder, 'k8s'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_switchboard
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-c', script, 'bash', 'switchboard', ...words], { cwd: folder });
  return stdout.split('\n').filter(line => line !== '');
}

describe('bash offers', () => {
  test.each<[what: string, words: string[], expected: string[]]>([
    ['commands', [''], [...buildProgram().commands.map(command => command.name()), 'help', '--help']],
    ['commands with a prefix', ['u'], ['up']],
    ['resources of get', ['get', 'r'], ['routes']],
    ['resources of get with a prefix', ['get', 's'], ['services']],
    ['subcommands', ['dns', 'un'], ['uninstall']],
    ['flags of a subcommand', ['dns', 'status', '--o'], ['--output']],
    ['values of a flag of a subcommand', ['dns', 'install', '--mechanism', 'mac'], ['macos']],
    ['shells', ['completion', ''], ['bash', 'zsh', 'fish', '--help']],
    ['flags of the command', ['up', '--pod'], ['--pod']],
    ['no flags of another command', ['get', '--drain'], []],
    ['files after -f', ['up', '-f', ''], ['k8s', 'shop.yaml', 'with blank.yaml']],
    ['files with a prefix', ['up', '-f', 'sh'], ['shop.yaml']],
    ['a file name with a space as one word', ['up', '-f', 'wi'], ['with blank.yaml']],
    ['folders after --filename', ['get', 'routes', '--filename', 'k'], ['k8s']],
    ['formats after -o', ['get', 'routes', '-o', ''], ['table', 'wide', 'json', 'yaml', 'jsonl', 'name']],
    ['formats of the command', ['up', '--output', 'j'], ['json', 'jsonl']],
    ['values of --balance', ['up', '--balance', 'r'], ['round-robin', 'random']],
  ])('%s', async (_what, words, expected) => {
    expect((await offered(...words)).sort()).toEqual([...expected].sort());
  });

  test('every flag of every command', async () => {
    for (const command of program.commands) {
      const flags = command.options.flatMap(option => option.long ?? []);
      expect(await offered(command.name(), '--')).toEqual(expect.arrayContaining(flags));
    }
  });
});

test('bash reads the script and completes the command with it', async () => {
  const { stdout } = await run('bash', ['-c', `${completionScript(program, 'bash')}\ncomplete -p`]);
  expect(stdout).toMatch(/-F _switchboard switchboard$/m);
});

test('zsh runs the script of bash', () => {
  const script = completionScript(program, 'zsh');
  expect(script.startsWith('autoload -U +X bashcompinit && bashcompinit\n')).toBe(true);
  expect(script).toContain(completionScript(program, 'bash'));
});

describe('fish', () => {
  const script = completionScript(program, 'fish');
  test('has a line for every command and every flag', () => {
    for (const command of program.commands) {
      expect(script).toContain(`-f -a ${command.name()} -d "${command.summary()}"`);
      for (const option of command.options) {
        expect(script).toMatch(
          new RegExp(`__fish_seen_subcommand_from ${command.name()}".* -l ${option.long?.slice(2)}`),
        );
      }
    }
  });
  test('has the values of flags with choices', () => {
    expect(script).toContain('-l balance -x -a "least-connections round-robin random"');
    expect(script).toContain(`-f -a "${RESOURCES.join(' ')}"`);
  });
  test('has complete lines with balanced quotes', () => {
    for (const line of script.trimEnd().split('\n')) {
      expect(line).toMatch(/^complete -c switchboard /);
      expect((line.match(/"/g) ?? []).length % 2).toBe(0);
    }
  });
});
