/**
 * All scenarios, with their addresses.
 *
 * @module
 */
import { AFFINITY } from './affinity.ts';
import { CHANGES } from './changes.ts';
import { ENDPOINTS } from './endpoints.ts';
import { FLOWS } from './flows.ts';
import { FRONTENDS } from './frontends.ts';
import { MASQUERADE } from './masquerade.ts';
import { placesOf, type Scenario } from './model.ts';
import { NODE_PORTS } from './node-ports.ts';
import { POLICIES } from './policies.ts';
import { SOURCE_RANGES } from './source-ranges.ts';
import { USERSPACE } from './userspace.ts';

export * from './model.ts';

export const SCENARIOS: readonly Scenario[] = [
  ...FRONTENDS,
  ...NODE_PORTS,
  ...ENDPOINTS,
  ...POLICIES,
  ...SOURCE_RANGES,
  ...MASQUERADE,
  ...AFFINITY,
  ...CHANGES,
  ...FLOWS,
].map((draft, index) => withUserspace(draft(placesOf(index + 1))));

function withUserspace(scenario: Scenario): Scenario {
  const userspace = USERSPACE.get(scenario.id);
  return userspace === undefined ? scenario : { ...scenario, except: { ...scenario.except, userspace } };
}

/** The namespace of a scenario's objects. */
export function namespaceOf(scenario: Scenario): string {
  return `s-${scenario.id.replaceAll('.', '-')}`.toLowerCase();
}
