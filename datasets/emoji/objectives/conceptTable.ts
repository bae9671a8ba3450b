import type { ModelConfig } from '../../../src/index.ts';
import {
  add,
  constant,
  float32,
  input,
  int32,
  matmul,
  type NdArray,
  type SessionOptions,
  type Tensor,
} from '../../../src/tensor/index.ts';
import {
  compileWith,
  logitMetrics,
  logitParameters,
  normal,
  normalize,
  type Objective,
  type ParameterScope,
  type ParameterTable,
  parameterScope,
  sigmoidLoss,
  visionInputs,
  visionTower,
} from '../../../src/train/index.ts';

/** How much a concept's own vector weighs at the start beside its words: names lead, what they leave open follows. */
const OWN_SHARE = 0.3;

/** The words of every name as a matrix [names, words]: 1/√k where a name of k words has the word. */
export function bagOfWords(names: readonly string[]): NdArray<'float32'> {
  const split = names.map((name) => [...new Set(name.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [name])]);
  const index = new Map([...new Set(split.flat())].map((word, i) => [word, i]));
  const bag = float32([names.length, index.size], new Float32Array(names.length * index.size));
  split.forEach((words, row) => {
    for (const word of words) bag.data[row * index.size + index.get(word)!] = 1 / Math.sqrt(words.length);
  });
  return bag;
}

const tableScope = (scope: ParameterScope): ParameterScope => scope.scope('concept_table');

/** One vector a concept: the mean of its words' vectors, which concepts share, plus one of its own. [C, d] */
function conceptTable(scope: ParameterScope, bag: NdArray<'float32'>, width: number): Tensor {
  const [concepts, words] = bag.shape as [number, number];
  const std = 1 / Math.sqrt(width);
  const shared = scope.get('words', [words, width], normal(std));
  const own = scope.get('own', [concepts, width], normal(OWN_SHARE * std));
  return add(matmul(constant(bag), shared), own);
}

/**
 * What `conceptTableObjective` trained: one unit vector a concept, [C, d].
 * @param parameters a state with the table's
 * @param names as the objective was given them
 */
export async function trainedConcepts(
  parameters: ReadonlyMap<string, NdArray<'float32'>>,
  names: readonly string[],
  width: number,
  options?: SessionOptions,
): Promise<NdArray<'float32'>> {
  const table: ParameterTable = new Map();
  const concepts = normalize(conceptTable(tableScope(parameterScope(table)), bagOfWords(names), width));
  const session = await compileWith({ parameters: table, outputs: { concepts } }, parameters, options);
  try {
    return (await session.run({})).concepts as NdArray<'float32'>;
  } finally {
    await session.dispose();
  }
}

/**
 * The sigmoid loss of the image tower against a table with one vector for every concept: all concepts are negatives
 * of every image, at the price of a matrix product. The table stands in for the text tower, which would have to encode
 * thousands of names a step, and is left behind when the stage ends; names that share words ("woman", "dark skin tone",
 * "flag") share vectors, so that the first steps learn what many concepts have in common.
 * Batch inputs: the vision inputs and `image_ids` [N], rows of the table.
 * @param names what each concept is called
 */
export function conceptTableObjective(
  config: ModelConfig,
  images: number,
  names: readonly string[],
): Objective {
  const parameters: ParameterTable = new Map();
  const scope = parameterScope(parameters);
  const inputs = visionInputs(config.vision, images);
  const { pooled } = visionTower(scope, inputs, config.vision);
  const table = conceptTable(tableScope(scope), bagOfWords(names), config.vision.hiddenSize);
  const { logitScale, logitBias } = logitParameters(scope);
  const imageIds = input('image_ids', 'int32', [images]);
  const rows = int32([names.length], Int32Array.from(names.keys()));
  const loss = sigmoidLoss(
    { images: normalize(pooled), texts: normalize(table), logitScale, logitBias },
    { ids: { images: imageIds, texts: constant(rows) } },
  );
  return {
    parameters,
    inputs: { ...inputs, image_ids: imageIds },
    loss,
    metrics: logitMetrics({ logitScale, logitBias }),
  };
}
