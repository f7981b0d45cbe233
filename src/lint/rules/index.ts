import type { Rule } from '../rule.ts';
import { r00 } from './r00-rejected.ts';
import { r01 } from './r01-no-pods.ts';
import { r02 } from './r02-near-miss.ts';
import { r03 } from './r03-other-namespace.ts';
import { r05 } from './r05-two-workloads.ts';
import { r07 } from './r07-hash-in-selector.ts';
import { r08 } from './r08-only-jobs.ts';
import { r09 } from './r09-workload-selector.ts';
import { r10 } from './r10-named-target-port.ts';
import { r11 } from './r11-name-on-some-pods.ts';
import { r12 } from './r12-other-protocol.ts';
import { r13 } from './r13-several-numbers.ts';
import { r14 } from './r14-init-container-port.ts';
import { r15 } from './r15-undeclared-target.ts';
import { r16 } from './r16-missing-target.ts';
import { r17 } from './r17-reversed.ts';
import { r18 } from './r18-quoted-number.ts';
import { r19 } from './r19-port-name.ts';
import { r20 } from './r20-unnamed-port.ts';
import { r21 } from './r21-duplicate-port.ts';
import { r23 } from './r23-usual-protocol.ts';
import { r24 } from './r24-headless-translation.ts';
import { r25 } from './r25-duplicate-container-port.ts';
import { r26 } from './r26-host-port.ts';
import { r27 } from './r27-app-protocol.ts';
import { r30 } from './r30-none-ready.ts';
import { r31 } from './r31-probe-port.ts';
import { r32 } from './r32-probe-port-name.ts';
import { r35 } from './r35-publish-not-ready.ts';
import { r38 } from './r38-scaled-to-zero.ts';
import { r39 } from './r39-no-readiness-probe.ts';
import { r43 } from './r43-privileged-port.ts';
import { r44 } from './r44-service-links.ts';
import { r45 } from './r45-other-port.ts';
import { r46 } from './r46-loopback-bind.ts';
import { r50 } from './r50-short-name.ts';
import { r51 } from './r51-no-such-service.ts';
import { r52 } from './r52-governing-service.ts';
import { r53 } from './r53-external-name-ports.ts';
import { r57 } from './r57-subdomain.ts';
import { r58 } from './r58-client-port.ts';
import { r60 } from './r60-ingress-service.ts';
import { r61 } from './r61-ingress-port.ts';
import { r63 } from './r63-gateway-backend.ts';
import { r64 } from './r64-node-port.ts';
import { r66 } from './r66-pending-load-balancer.ts';
import { r67 } from './r67-external-local.ts';
import { r68 } from './r68-internal-local.ts';
import { r69 } from './r69-source-ranges.ts';
import { r71 } from './r71-external-ips.ts';
import { r72 } from './r72-other-references.ts';
import { r75 } from './r75-policy-service-port.ts';
import { r76 } from './r76-isolated.ts';
import { r77 } from './r77-no-dns.ts';
import { r78 } from './r78-policy-port-name.ts';
import { r80 } from './r80-family.ts';
import { r81 } from './r81-manual-slices.ts';
import { r82 } from './r82-truncated-endpoints.ts';
import { r88 } from './r88-leftover-slices.ts';

/** All rules, by id. A new rule is a file in this folder, a line in this list, and a page in docs/rules. */
export const RULES: readonly Rule[] = [
  r00,
  r01,
  r02,
  r03,
  r05,
  r07,
  r08,
  r09,
  r10,
  r11,
  r12,
  r13,
  r14,
  r15,
  r16,
  r17,
  r18,
  r19,
  r20,
  r21,
  r23,
  r24,
  r25,
  r26,
  r27,
  r30,
  r31,
  r32,
  r35,
  r38,
  r39,
  r43,
  r44,
  r45,
  r46,
  r50,
  r51,
  r52,
  r53,
  r57,
  r58,
  r60,
  r61,
  r63,
  r64,
  r66,
  r67,
  r68,
  r69,
  r71,
  r72,
  r75,
  r76,
  r77,
  r78,
  r80,
  r81,
  r82,
  r88,
];

export function ruleById(id: string): Rule | undefined {
  return RULES.find(rule => rule.id === id);
}
