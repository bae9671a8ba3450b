/**
 * The operator sets that graphs can be written for, oldest first, each with the version of the file format that came out
 * beside it: a runtime that knows the one knows the other.
 */
const IR_VERSIONS: Readonly<Record<Opset, number>> = { 17: 8, 18: 8, 19: 9, 20: 9 };
/** A set of standard operators, by its version. */
export type Opset = 17 | 18 | 19 | 20;
export const OPSETS: readonly Opset[] = [17, 18, 19, 20];
/** What the runtime that comes with the package knows, and what has every operator in one node. */
export const NEWEST_OPSET: Opset = 20;

export const irVersionOf = (opset: Opset): number => IR_VERSIONS[opset];
