/** Gathers the values of an option that may be repeated. */
export const each = (value: string, previous: readonly string[] = []): string[] => [...previous, value];
