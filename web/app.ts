import { takeOwnerToken } from './shared/ownerToken.ts';
import { sendOwnerToken } from './shared/patientFetch.ts';
import { startAbout } from './shell/about.ts';
import { startShell } from './shell/shell.ts';

sendOwnerToken(takeOwnerToken());
startShell();
startAbout();
