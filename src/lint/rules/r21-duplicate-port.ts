import { faultRule } from './faults.ts';

export const r21 = faultRule('R21', 'the same port, or the same port name, twice');
