import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where the runners write their verdicts, and `scripts/conformance-table.ts` finds them. */
export const VERDICTS = join(tmpdir(), 'switchboard-conformance');
