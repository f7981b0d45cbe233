import type { Labels } from '../objects.ts';
import { readChoice } from './enums.ts';
import type { Field } from './field.ts';
import { qualifiedNameProblem } from './grammar.ts';
import { shown } from './wording.ts';

export interface Expression {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  readonly values: readonly string[];
}

/** matchExpressions of a label selector ("Labels and Selectors: set-based requirements"). */
export function readExpressions(field: Field): readonly Expression[] {
  return field.items().flatMap(item => {
    const keyField = item.child('key');
    const key = keyField.string() ?? '';
    const problem = keyField.isText ? qualifiedNameProblem(key) : undefined;
    if (problem !== undefined) keyField.fault(`${shown(key)} ${problem}`, 'write the key of a label');
    const operatorField = item.child('operator');
    const operator = readChoice(operatorField, ['In', 'NotIn', 'Exists', 'DoesNotExist']);
    if (operatorField.isMissing)
      operatorField.fault('the operator is missing', 'write In, NotIn, Exists or DoesNotExist');
    const valuesField = item.child('values');
    const values = valuesField.strings();
    const wantsValues = operator === 'In' || operator === 'NotIn';
    if (wantsValues && values.length === 0) valuesField.fault(`${operator} needs values`, 'write a list of values');
    if (operator !== undefined && !wantsValues && values.length > 0) {
      valuesField.fault(`${operator} takes no values`, 'remove them');
    }
    // An invalid expression already has a fault and is ignored.
    return operator === undefined || (wantsValues && values.length === 0) ? [] : { key, operator, values };
  });
}

export function expressionsMatch(expressions: readonly Expression[], labels: Labels): boolean {
  return expressions.every(({ key, operator, values }) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default: {
        const never: never = operator;
        return never;
      }
    }
  });
}
