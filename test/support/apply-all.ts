import type { ApplyReport, Plane } from '../../src/planes/index.ts';
import type { RouteChange } from '../../src/routing/index.ts';

/** Applies changes, all of which must succeed. @throws with the reason of the first that failed */
export async function applyAll(plane: Pick<Plane, 'apply'>, changes: readonly RouteChange[]): Promise<ApplyReport> {
  const report = await plane.apply(changes);
  const failed = report.outcomes.find(({ failure }) => failure !== undefined);
  if (failed?.failure !== undefined) throw new Error(`${failed.change.route.key}: ${failed.failure}`);
  if (report.failure !== undefined) throw new Error(report.failure);
  return report;
}
