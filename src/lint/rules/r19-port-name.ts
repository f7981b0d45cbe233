import { faultRule } from './faults.ts';

export const r19 = faultRule('R19', 'a port name that the API rejects');
