import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The runners write their verdicts here, and `scripts/conformance-table.ts` reads them. */
export const VERDICTS = join(tmpdir(), 'switchboard-conformance');
