/** Numbers from 0, the same for equal keys, in the order in which keys first come. */
export function equalNumbers(keys: readonly string[]): number[] {
  const numbers = new Map<string, number>();
  return keys.map((key) => {
    const number = numbers.get(key) ?? numbers.size;
    numbers.set(key, number);
    return number;
  });
}
