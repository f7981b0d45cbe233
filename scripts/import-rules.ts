/**
 * Holds that the import rules in biome.json are those of import-table.ts; with `--write`, makes them so.
 *
 *     node scripts/import-rules.ts [--write]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IMPORT_TABLE, PURE_MESSAGE } from './import-table.ts';

const FILE = join(import.meta.dirname, '../biome.json');
const IO = ['node:*', 'node:*/**', 'pino', 'picocolors', 'commander', '@commander-js/**'];
const SEE = 'See scripts/import-table.ts';
/** Folders above all rules: nothing may import them. */
const TOP = ['cli'];
const TYPED_COMMANDS =
  'commander itself gives flags of any type: import @commander-js/extra-typings, which infers them';

interface Override {
  readonly includes: readonly string[];
}

const text = readFileSync(FILE, 'utf8');
const config = parse(text);
const others = config.overrides.filter(({ includes }) => includes.every(path => !path.startsWith('src/')));
const wanted = `${JSON.stringify({ ...config, overrides: [...others, ...Object.keys(IMPORT_TABLE).map(rulesOf), typedCommands()] }, undefined, 2)}\n`;
if (JSON.stringify(JSON.parse(text)) !== JSON.stringify(JSON.parse(wanted))) {
  if (process.argv.includes('--write')) {
    writeFileSync(FILE, wanted);
    console.log('biome.json has new import rules; run npm run format');
  } else {
    console.error('biome.json differs from scripts/import-table.ts: run node scripts/import-rules.ts --write');
    process.exitCode = 1;
  }
}

function rulesOf(folder: string): Override & Record<string, unknown> {
  const { may = [], also = [], not = [], pure, why = '' } = IMPORT_TABLE[folder] ?? {};
  const forbidden = [...Object.keys(IMPORT_TABLE), ...TOP].filter(name => name !== folder && !may.includes(name));
  const group = [
    ...forbidden.map(name => `**/${name}/**`),
    ...also.map(path => (path.endsWith('.ts') ? `!**/${path}` : `!**/${path}/**`)),
    ...not.map(path => `**/${path}`),
  ];
  const patterns = [
    ...(pure ? [{ group: IO, message: `${PURE_MESSAGE}. ${SEE}` }] : []),
    { group, message: `${why}. ${SEE}` },
  ];
  return {
    includes: [`src/${folder}/**`, '!**/*.test.ts'],
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { patterns } } } } },
  };
}

function typedCommands(): Override & Record<string, unknown> {
  const paths = { commander: TYPED_COMMANDS };
  return {
    includes: TOP.map(folder => `src/${folder}/**`),
    linter: { rules: { style: { noRestrictedImports: { level: 'error', options: { paths } } } } },
  };
}

function parse(json: string): { readonly overrides: readonly Override[] } {
  const value: unknown = JSON.parse(json);
  if (typeof value !== 'object' || value === null || !('overrides' in value) || !Array.isArray(value.overrides)) {
    throw new Error('biome.json has no overrides');
  }
  return { ...value, overrides: value.overrides };
}
