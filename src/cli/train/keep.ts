/** Which state of a run becomes the model: the best on what is held out, or the last. */
export const KEEP = ['best', 'last'] as const;
export type Keep = (typeof KEEP)[number];
