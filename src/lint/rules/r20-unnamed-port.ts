import { faultRule } from './faults.ts';

export const r20 = faultRule('R20', 'several ports, and one without a name');
