import type { BudgetName, MiniatureSettings } from '../../recipes/miniature/settings.ts';
import type { Device } from '../../src/tensor/index.ts';
import type { machine } from '../machine.ts';
import type { VariantResult } from './runVariant.ts';
import { branchTable, variantTable } from './table.ts';
import type { Variant } from './variants.ts';

/** A run of the ablation: what was asked for, on which machine, and everything that was measured. */
export interface AblationRecord {
  readonly date: string;
  readonly budget: BudgetName;
  readonly device: Device;
  readonly seeds: readonly number[];
  readonly variants: readonly Variant[];
  readonly settings: MiniatureSettings;
  readonly machine: ReturnType<typeof machine>;
  readonly results: readonly VariantResult[];
}

/** Where the section stands in bench/RESULTS.md. */
export const MARKERS = {
  start: '<!-- ablation: written by bench/ablation/ablation.ts -->',
  end: '<!-- end of ablation -->',
} as const;

const count = (value: number): string => value.toLocaleString('en');

/** The measured section. */
export function report({
  date,
  budget,
  device,
  seeds,
  variants,
  settings,
  machine,
  results,
}: AblationRecord): string {
  const { examples, batch, concepts, locales, vision, resolution, patchSize, curation, evaluation } =
    settings;
  const { cpu, cores, node, onnxruntime } = machine;
  return [
    ...(budget === 'full' ? [] : [`**Budget \`${budget}\`: these figures mean nothing.**`]),
    `Measured ${date} on ${cpu}, ${cores} cores${device === 'cpu' ? '' : `, trained on ${device}`}; Node ${node}, onnxruntime-node ${onnxruntime}. ` +
      `${count(examples)} scenes in batches of ${batch} (${concepts} things, ${locales.length} languages), vision tower ` +
      `${vision.layers} × ${vision.hiddenSize} at ${resolution} pixels, patches of ${patchSize}; curation on ` +
      `${count(curation.examples)} more. Mean ± standard deviation over ${seeds.length} ` +
      `seed${seeds.length === 1 ? '' : 's'} (${seeds.join(', ')}), in %. ${evaluation.scenes} scenes are retrieved.`,
    variantTable(variants, results),
    `“Referring@0.5”: the box of a text by a linear map from frozen patch features to text embeddings, fitted on ` +
      `${evaluation.denseTrain} scenes. “By the decoder”: written by the decoder that was trained with the encoder.`,
    'Text → scene R@1 by branch of languages:',
    branchTable(variants, results),
  ].join('\n\n');
}
