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
  heatmap: 'answers',
  search: 'query',
  duplicates: 'query',
  tag: 'query',
  index: 'collections',
  collections: 'collections',
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
  'searchFunctions.full.ts',
  'trainFunctions.full.ts',
  'support/baseRecipe.ts',
] as const;

/** Public functions that the full suite need not call by themselves, by the reason. */
export const NOT_CALLED: Readonly<Record<string, readonly string[]>> = {
  'operations of graphs and views of arrays, tested one by one: they have no size of their own': (
    'abs add attention blockwise broadcastTo byteWidth cast concat constant div equal fastSigmoid gather gelu grad ' +
    'greater inputNames iota layerNorm linear logSigmoid logSumExp matmul maximum mergeDims mul neg pad scalar ' +
    'scatterAdd sigmoid sign sizeOf softmax softplus sqrt square staticDim stopGradient sub sumSquares sumTo tanh ' +
    'transpose viewBytes where withGradient'
  ).split(' '),
  'parts of evaluateFewShot, evaluateSegmentation, evaluateDepth and evaluateRetrieval': (
    'applyLinearProbe chanceRecall featureScale fitDenseProbe fitDepthProbe fitLinearProbe fitSegmentationProbe ' +
    'fitSoftmaxProbe linearLayer patchMeans recallEvaluations scoreDepth scoreSegmentation shareInterval times tokenInputs upsample ' +
    'zeroMatrix'
  ).split(' '),
  'parts of a step and of its objective, in train, finetune and timelineRun': (
    'adam addDecayedWeights clipByGlobalNorm compileWith createNotices createStep imageGraph initialState ' +
    'isHiddenMatrix isKernel logitMetrics logitParameters muon normalize optimizerRules parameterScope ' +
    'scaleBySchedule stageArrays stagePreprocessing stageSteps stageVision startingTraining textTower twoTowers ' +
    'visionInputs visionTower'
  ).split(' '),
  'run by the commands: collections, serve, and train with evaluators': [
    'evaluateStages',
    'indexedFolders',
    'serve',
  ],
  'parts of exportOnnx, stepFlops, trimModel and the writing of models':
    'emitOnnx graphFlops removeLeftovers takeRows trimRows writeAll writeAtomic writeJson'.split(' '),
  'registers by names: no model is there yet':
    'registerEvaluator registerLoss registerRoute registerSource registerStore routeApp settingsFor storeOf'.split(
      ' ',
    ),
  'work on one picture or on numbers alone':
    'availableDevices boxColour boxOverlay componentBounds composite connectedComponents imageFeeds meanRecall resizePillow'.split(
      ' ',
    ),
};
