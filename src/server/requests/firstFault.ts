import type { z } from '@hono/zod-openapi';

type Issue = z.core.$ZodIssue;

/** What is wrong with a value, and where: the field by its path, empty for the value itself. */
export interface Fault {
  readonly field: string;
  readonly message: string;
}

/** Whether a form of a value was not meant at all: what was sent is of another type. */
const isOfOtherType = ([first]: readonly Issue[]): boolean =>
  first?.code === 'invalid_type' && first.path.length === 0;

/** Of several forms that a value may have, the faults of the one that it comes nearest to. */
function nearest(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const meant = forms.filter((issues) => !isOfOtherType(issues));
  return meant.toSorted((a, b) => a.length - b.length)[0];
}

function faultOf(issue: Issue, path: readonly PropertyKey[]): Fault {
  const field = [...path, ...issue.path].map(String);
  if (issue.code === 'invalid_union') {
    const [inner] = nearest(issue.errors) ?? [];
    if (inner) return faultOf(inner, [...path, ...issue.path]);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return { field: [...field, key].join('.'), message: 'there is no such field; leave it out' };
  }
  return { field: field.join('.'), message: issue.message };
}

/** The first fault that a schema found, in the words for a client. */
export function firstFault({ issues }: z.core.$ZodError): Fault {
  const [issue] = issues;
  return issue ? faultOf(issue, []) : { field: '', message: 'invalid request' };
}
