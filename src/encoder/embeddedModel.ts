import { fileURLToPath } from 'node:url';

/** The model that comes with the package: trained on emoji by `recipes/emoji.ts`, not on photographs. */
export const EMBEDDED_MODEL = fileURLToPath(new URL('../../models/emoji', import.meta.url));
