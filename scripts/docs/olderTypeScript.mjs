// For `node --import`: TypeDoc calls the compiler as a library, which TypeScript 7 is not. It is given TypeScript 5.9.
import { register } from 'node:module';

register(
  `data:text/javascript,${encodeURIComponent(`
export const resolve = (specifier, context, next) =>
  next(specifier === 'typescript' ? 'typescript-5.9' : specifier, context);
`)}`,
);
