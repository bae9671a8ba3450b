/** Names under which a parameter's moments are fed, returned and saved. */
export const firstMoment = (name: string): string => `first_moment.${name}`;
export const secondMoment = (name: string): string => `second_moment.${name}`;
