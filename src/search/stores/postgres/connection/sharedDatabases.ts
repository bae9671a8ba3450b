import { Database } from './database.ts';

interface Shared {
  readonly database: Promise<Database>;
  users: number;
}

const shared = new Map<string, Shared>();

/** The database at a location, which all of this process share that use it at a time; `release` once it is not needed. */
export async function shareDatabase(
  location: string,
): Promise<{ database: Database; release: () => Promise<void> }> {
  const one = shared.get(location) ?? { database: Database.create(location), users: 0 };
  shared.set(location, one);
  one.users++;
  let released = false;
  const release = async (): Promise<void> => {
    if (released) return;
    released = true;
    one.users--;
    if (one.users > 0) return;
    shared.delete(location);
    await (await one.database).end();
  };
  try {
    return { database: await one.database, release };
  } catch (error) {
    shared.delete(location);
    throw error;
  }
}
