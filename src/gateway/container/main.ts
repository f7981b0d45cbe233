/**
 * The first program of the gateway container: `node main.js SETTINGS`, where SETTINGS is a file with `GatewaySettings` as
 * JSON. It holds the token, so it is removed once it is read.
 *
 * @module
 */
import { readFileSync, rmSync } from 'node:fs';
import { parseJson } from '../../data/index.ts';
import { messageOf, SwitchboardError } from '../../errors.ts';
import { isGatewaySettings } from './calls.ts';
import { runGatewayContainer } from './program.ts';

// The first process of a container gets no signal that it does not handle.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit());

try {
  const [file = ''] = process.argv.slice(2);
  const settings = parseJson(readFileSync(file, 'utf8'));
  rmSync(file);
  if (!isGatewaySettings(settings)) throw new SwitchboardError('SWB_GATEWAY', `${file} does not hold the settings`);
  await runGatewayContainer(settings);
  process.stdout.write('ready\n');
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
}
