#!/usr/bin/env node
import * as modules from 'node:module';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  // Said before anything is loaded that an older Node cannot even read.
  process.stderr.write(`switchboard: needs Node 22.19 or newer, and this is Node ${process.versions.node}\n`);
  process.exitCode = 2;
} else {
  // Everything else is loaded behind this line, so that V8's code for it is kept between runs: a third of the start.
  modules.enableCompileCache();
  const { run } = await import('./run-program.ts');
  await run(process.argv);
}
