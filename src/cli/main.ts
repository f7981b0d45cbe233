#!/usr/bin/env node
import * as modules from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // Check before loading modules that older versions of Node.js cannot parse.
  process.stderr.write(`switchboard: needs Node.js 22.19 or newer, but this is Node.js ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  // Load all other modules after this line, so that Node.js caches their compiled code: this saves a third of the start.
  modules.enableCompileCache();
  const { run } = await import('./run-program.ts');
  await run(process.argv);
}
