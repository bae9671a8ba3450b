/*
 * What the full suite runs, and where. test/fullSuite.test.ts holds that nothing is missing: whoever adds a command or a
 * public function adds it here and runs it at the size of a released checkpoint.
 */

/** Test file of each command of the command line. */
export const COMMANDS: Readonly<Record<string, string>> = {
  embed: 'embed',
  score: 'answers',
  classify: 'answers',
  caption: 'answers',
  annotate: 'answers',
  debias: 'answers',
  evaluate: 'answers',
  finetune: 'finetune',
  train: 'train',
  report: 'train',
  trim: 'export',
  export: 'export',
  serve: 'serve',
};

/** Test files in which the public functions are called. */
export const FUNCTION_FILES = [
  'modelFunctions.full.ts',
  'evaluateFunctions.full.ts',
  'dataFunctions.full.ts',
  'trainFunctions.full.ts',
  'support/baseRecipe.ts',
] as const;
