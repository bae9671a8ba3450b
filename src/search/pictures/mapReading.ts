/** Values of a reading, changed one by one; what it returns in the end stays. Ends the reading where it is left early. */
export async function* mapReading<T, U, R>(
  reading: AsyncGenerator<T, R>,
  change: (value: T) => U,
): AsyncGenerator<U, R> {
  try {
    let next = await reading.next();
    for (; !next.done; next = await reading.next()) yield change(next.value);
    return next.value;
  } finally {
    // It has ended already where it gave its last word, or threw.
    await reading.return(undefined as never);
  }
}
