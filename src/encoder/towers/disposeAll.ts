/**
 * Frees every one of several things, also after one of them failed.
 * @throws the first failure, when all have been tried
 */
export async function disposeAll(things: readonly { dispose(): Promise<void> }[]): Promise<void> {
  const tried = await Promise.allSettled(things.map((one) => one.dispose()));
  const failed = tried.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}
