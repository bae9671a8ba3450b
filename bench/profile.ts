/** Where our time goes, by operator: `npx tsx bench/profile.ts [--quick]`. */
import { createContext } from './bench.ts';
import { measureProfiles } from './profiles.ts';
import { profileTable } from './report.ts';

const context = await createContext({ quick: process.argv.includes('--quick'), peers: false });
for (const profile of await measureProfiles(context)) console.log(`${profileTable(profile)}\n`);
