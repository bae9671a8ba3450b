/** A list of named things of one kind, to which users add their own. In the lowest room, as every room has such lists. */
export interface Registry<T extends { readonly name: string }> {
  /** Every member, in the order of registration. */
  all(): readonly T[];
  /** Undefined where there is none of the name. */
  find(name: string): T | undefined;
  /** @throws RangeError naming the members that there are */
  get(name: string): T;
  /** Adds a member. The same object may be added again. @throws RangeError when another has its name */
  register(member: T): void;
}

/**
 * @param what names a member in errors, as in "there is no loss 'x'"
 * @param members those that are there from the start
 * @example
 * const colours = createRegistry('colour', [{ name: 'red' }]);
 * colours.register({ name: 'blue' });
 * colours.get('green'); // RangeError: there is no colour 'green'; there are red, blue
 */
export function createRegistry<T extends { readonly name: string }>(
  what: string,
  members: readonly T[] = [],
): Registry<T> {
  const byName = new Map<string, T>();
  const register = (member: T): void => {
    const known = byName.get(member.name);
    if (known !== undefined && known !== member)
      throw new RangeError(`there are two of the ${what} '${member.name}'; give one another name`);
    byName.set(member.name, member);
  };
  members.forEach(register);
  return {
    all: () => [...byName.values()],
    find: (name) => byName.get(name),
    get(name) {
      const found = byName.get(name);
      if (found) return found;
      throw new RangeError(`there is no ${what} '${name}'; there are ${[...byName.keys()].join(', ')}`);
    },
    register,
  };
}
