export { dialledListeners } from './dialled.ts';
export { answerDial, type DialAnswer, parseDial, parseDials } from './dials.ts';
export { explainRoute } from './explain-route.ts';
export type { Confidence, Explanation, Fix, Hop, Verdict } from './explanation.ts';
export { findRoutes, type Scope } from './find-routes.ts';
export type { ExplainInput } from './hops.ts';
export { withProbes } from './probed.ts';
export { renderExplanation, renderTeaching } from './render.ts';
export { parseTarget, type Target } from './target.ts';
