import type { Templates } from '../../../encoder/classify.ts';
import { labelPrompts } from '../../../encoder/classify.ts';
import { isXmlText } from '../../../search/tags/editTags.ts';
import { UsageError } from '../../support/errors.ts';

/** A label with what the model is asked for it. */
export interface LabelPrompts {
  readonly label: string;
  readonly prompts: readonly string[];
}

/**
 * Reads lines of labels: `label`, or `label<TAB>prompt<TAB>prompt…` for what the model is to be asked in its place. Lines
 * that begin with `#` say nothing; a label that comes again adds its prompts to those of before.
 * @returns labels with their own prompts, or none, in the order in which they came
 * @throws UsageError naming a label that no file can hold, or a line with prompts and no label
 */
export function parseLabels(lines: readonly string[]): LabelPrompts[] {
  const labels = new Map<string, string[]>();
  for (const line of lines) {
    if (line.trimStart().startsWith('#')) continue;
    const [label = '', ...prompts] = line.split('\t').map((part) => part.trim());
    if (label === '')
      throw new UsageError(
        `--labels: ${JSON.stringify(line)} has no label before the tab; write label<TAB>prompt`,
      );
    if (!isXmlText(label))
      throw new UsageError(`--labels: ${JSON.stringify(label)} has control characters; take them out`);
    labels.set(label, [...(labels.get(label) ?? []), ...prompts.filter((prompt) => prompt !== '')]);
  }
  if (labels.size === 0) throw new UsageError('--labels: there are no labels in it; write one a line');
  return [...labels].map(([label, prompts]) => ({ label, prompts }));
}

/** The texts of each label: its own, or its name in the templates. */
export function withTemplates(labels: readonly LabelPrompts[], templates: Templates): LabelPrompts[] {
  const bare = labels.filter(({ prompts }) => prompts.length === 0);
  const made = labelPrompts(
    bare.map(({ label }) => label),
    templates,
  );
  const byLabel = new Map(bare.map(({ label }, i) => [label, made[i]!]));
  return labels.map(({ label, prompts }) => ({ label, prompts: byLabel.get(label) ?? prompts }));
}
