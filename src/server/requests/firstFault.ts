import type { z } from '@hono/zod-openapi';
import { LIMITS } from './limits.ts';
import { LongString } from './longString.ts';

/** Letters of a field's name that are given back to whoever sent it. */
const LONGEST_KEY = 100;

type Issue = z.core.$ZodIssue;

/** What is wrong with a value, and where: the field by its path, empty for the value itself. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}

/** How far a value is from a form: 2 when it is of another type, 1 when it is none of a list, 0 when something in it is wrong. */
function distance([first]: readonly Issue[]): number {
  if (!first || first.path.length > 0) return 0;
  if (first.code === 'invalid_type') return 2;
  return first.code === 'invalid_value' ? 1 : 0;
}

/** Of several forms that a value may have, the faults of the one that it comes nearest to; none where it is like no form. */
function nearest(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = forms.filter((issues) => distance(issues) < 2);
  return meant.toSorted((a, b) => distance(a) - distance(b) || a.length - b.length)[0];
}

const TOO_LONG = `has more than the limit of ${LIMITS.textBytes} bytes`;

/** Whether a string that has no place anywhere but in an image stands in another field. */
const isTooLong = ({ code, message }: Issue): boolean =>
  code === 'invalid_type' && message.endsWith(`received ${LongString.name}`);

function faultOf(issue: Issue, path: readonly PropertyKey[]): Fault {
  const field = [...path, ...issue.path].map(String);
  if (issue.code === 'invalid_union') {
    const [inner] = nearest(issue.errors) ?? [];
    if (inner) return faultOf(inner, [...path, ...issue.path]);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return {
      field: [...field, key.slice(0, LONGEST_KEY)].join('.'),
      message: 'there is no such field; leave it out',
    };
  }
  return { field: field.join('.'), message: isTooLong(issue) ? TOO_LONG : issue.message };
}

/** The first fault that a schema found, in the words for a client. */
export function firstFault({ issues }: z.core.$ZodError): Fault {
  const [issue] = issues;
  return issue ? faultOf(issue, []) : { field: '', message: 'invalid request' };
}
