#!/usr/bin/env node
import { enableCompileCache } from 'node:module';

// Everything else is loaded behind this line, so that V8's code for it is kept between runs: a third of the start.
enableCompileCache();
const { run } = await import('./run.ts');
await run(process.argv);
