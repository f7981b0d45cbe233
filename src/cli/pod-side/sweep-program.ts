/**
 * Removes what an instance that was killed has left in an engine: `node sweep-program.js ENDPOINT SESSION PID`.
 *
 * @module
 */
import { Engine } from '../../engine/index.ts';
import { removeFolder, sweepSession } from './engine-objects.ts';

const [endpoint, session = '', pid] = process.argv.slice(2);
// First, so that no file is left once the engine is empty.
removeFolder(Number(pid));
await using engine = await Engine.open({ host: endpoint });
await sweepSession(engine, session);
