import { faultRule } from './faults.ts';

export const r20 = faultRule('R20', 'one of several ports has no name');
