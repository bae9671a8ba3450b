/**
 * Objectives repeat a notice in every step that it fits; people are told once.
 * @returns what a stage says for the first time, undefined for what it has said before
 * @example
 * const once = createNotices();
 * console.log(once('the loss rises'), once('the loss rises')); // the second time: undefined
 */
export function createNotices(): (notice: string | undefined, stage?: string) => string | undefined {
  const said = new Set<string>();
  return (notice, stage = '') => {
    const key = `${stage}\n${notice}`;
    if (notice === undefined || said.has(key)) return undefined;
    said.add(key);
    return notice;
  };
}
