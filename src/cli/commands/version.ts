import { Command } from 'commander';

export function versionCommand(): Command {
  return new Command('version').summary('print the version').action(async () => {
    const { readFile } = await import('node:fs/promises');
    const text = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
    const data: unknown = JSON.parse(text);
    const version = typeof data === 'object' && data !== null && 'version' in data ? String(data.version) : 'unknown';
    process.stdout.write(
      `switchboard ${version} (node ${process.versions.node}, ${process.platform}/${process.arch})\n`,
    );
  });
}
