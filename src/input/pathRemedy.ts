/** What to do about a path at which nothing can be read. Bytes of a name that are no UTF-8 are given as U+FFFD. */
export const pathRemedy = (path: string): string =>
  path.includes('\ufffd') ? 'its name is not UTF-8: rename the file' : 'check the path';
