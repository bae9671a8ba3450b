/** What the balance of a data set is judged by; the order of the names is the order of an example's values. */
export interface BalanceSchema {
  /** Sensitive attributes s and the rate π that each should have among the examples that show it, 0 … 1. */
  readonly attributes: readonly { readonly name: string; readonly target: number }[];
  /** Labels y that should not go together with an attribute, e.g. occupations. */
  readonly labels: readonly string[];
}

/** One example as far as its balance is concerned. */
export interface BalanceExample {
  /**
   * 1 or 0 for every attribute; undefined or null, which mean the same, where the example shows neither, e.g. no
   * person. It then weighs nothing.
   */
  readonly attributes: readonly (0 | 1 | undefined | null)[];
  /** 1 or 0 for every label. */
  readonly labels: readonly (0 | 1)[];
}

/** @throws RangeError when names are missing or repeat, or a target is no rate. */
export function checkSchema({ attributes, labels }: BalanceSchema): void {
  if (attributes.length === 0) throw new RangeError('balancing needs at least one attribute');
  for (const { name, target } of attributes) {
    if (!(target >= 0 && target <= 1))
      throw new RangeError(`the target rate of ${name} is ${target}; it must be from 0 to 1`);
  }
  const names = [...attributes.map(({ name }) => name), ...labels];
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw new RangeError(`${repeated} is named twice among attributes and labels`);
}

const isBit = (value: unknown): boolean => value === 0 || value === 1;

/**
 * @param place names the example
 * @throws RangeError naming the attribute or label that is something else, or that values are missing
 */
export function checkExample(
  schema: BalanceSchema,
  { attributes, labels }: BalanceExample,
  place: string,
): void {
  const [m, c] = [schema.attributes.length, schema.labels.length];
  if (attributes.length !== m || labels.length !== c)
    throw new RangeError(
      `${place} has ${attributes.length} attributes and ${labels.length} labels, the schema ${m} and ${c}`,
    );
  // A hole in the list is undefined, too.
  for (let k = 0; k < m; k++) {
    const value = attributes[k];
    if (value !== undefined && value !== null && !isBit(value))
      throw new RangeError(
        `${place}: ${schema.attributes[k]!.name} is ${String(value)}; it must be 0, 1, or null where it is not shown`,
      );
  }
  for (let r = 0; r < c; r++)
    if (!isBit(labels[r]))
      throw new RangeError(`${place}: ${schema.labels[r]} is ${String(labels[r])}; it must be 0 or 1`);
}

/**
 * The moments of one example: s − π for every attribute, then (s − π)·y for every attribute and label, attribute by
 * attribute. Their means over a data set are its representation and association gaps (“CLIP the Bias?”, arXiv
 * 2403.04547).
 * @param example one that {@link checkExample} lets pass
 */
export function momentsOf(schema: BalanceSchema, { attributes, labels }: BalanceExample): Float64Array {
  const [m, c] = [schema.attributes.length, schema.labels.length];
  const moments = new Float64Array(m * (c + 1));
  schema.attributes.forEach(({ target }, k) => {
    const value = attributes[k];
    if (value === undefined || value === null) return;
    moments[k] = value - target;
    labels.forEach((label, r) => {
      moments[m + k * c + r] = (value - target) * label;
    });
  });
  return moments;
}
