/**
 * What a transform may keep of a parameter from step to step, each of the parameter's shape: a mean of gradients, or one
 * of their squares, which is never negative. Where a parameter is resized, each is resized as what it is.
 */
export type Moment = 'first_moment' | 'second_moment';

/** Name under which a parameter's moment is fed, returned and saved. */
export const momentEntry = (moment: Moment, path: string): string => `${moment}.${path}`;

export const firstMoment = (path: string): string => momentEntry('first_moment', path);
export const secondMoment = (path: string): string => momentEntry('second_moment', path);
