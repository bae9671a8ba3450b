/** What tests need to have a model on disk. */
export * from './fixtures.ts';
export { temporaryFolder } from './temporary.ts';
