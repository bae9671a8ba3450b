import { startAccess } from './access/session.ts';
import { startIndicator } from './jobs/indicator.ts';
import { takeOwnerToken } from './shared/ownerToken.ts';
import { sendOwnerToken } from './shared/patientFetch.ts';
import { startAbout } from './shell/about.ts';
import { startShell } from './shell/shell.ts';

sendOwnerToken(takeOwnerToken());
// Views say by themselves that there is no server.
await startAccess().catch(() => {});
startShell();
startAbout();
startIndicator();
