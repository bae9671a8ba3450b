/** What kept a file from being written, and what to do about it. */
export interface DiskFault {
  readonly fault: string;
  readonly remedy: string;
}

/** Errors of the operating system that mean: no room left, on the disk or in the user's share of it. */
const FULL: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

/** A file cannot be written: names the file, the reason and the remedy; the system's error is its cause. */
export class FileWriteError extends Error {
  override readonly name = 'FileWriteError';
}

/** What the operating system refused; errors of the program have no code. */
const systemError = (error: unknown): (Error & { readonly code: unknown }) | undefined => {
  if (error instanceof FileWriteError) return systemError(error.cause);
  return error instanceof Error && 'code' in error && 'syscall' in error ? error : undefined;
};

/** Whether an error says that the disk, or the user's share of it, is full. */
export const isDiskFull = (error: unknown): boolean => FULL.includes(systemError(error)?.code);

/** What a disk refused, or undefined for any other error. */
export function diskFault(error: unknown): DiskFault | undefined {
  const refused = systemError(error);
  if (!refused) return undefined;
  if (isDiskFull(refused)) return { fault: 'the disk is full', remedy: 'free some space' };
  return { fault: refused.message, remedy: "check the disk and the folder's permissions" };
}

/**
 * Does what writes to a disk.
 * @param report makes the error for what the operating system refuses; any other error goes through
 */
export async function reportingDisk<T>(
  write: () => Promise<T>,
  report: (disk: DiskFault, cause: unknown) => Error,
): Promise<T> {
  try {
    return await write();
  } catch (cause) {
    const disk = diskFault(cause);
    throw disk ? report(disk, cause) : cause;
  }
}
