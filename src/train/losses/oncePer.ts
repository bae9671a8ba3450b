/**
 * What is made once for each key and then given again, such as a pass that several losses of one objective share.
 * @param make called when a key is asked for the first time; what is given beside the key is taken to be the same always
 */
export function oncePer<Key extends object, Rest extends unknown[], Value>(
  make: (key: Key, ...rest: Rest) => Value,
): (key: Key, ...rest: Rest) => Value {
  const made = new WeakMap<Key, { readonly value: Value }>();
  return (key, ...rest) => {
    const known = made.get(key) ?? { value: make(key, ...rest) };
    made.set(key, known);
    return known.value;
  };
}
