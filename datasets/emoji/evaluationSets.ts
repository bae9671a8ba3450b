import { drawnBy, type Style } from './drawings/styles.ts';

/**
 * One question put to a model: given a text, which of the candidates' pictures is it; and the other way round.
 * In each locale, the queries are those targets that have a name there.
 */
export interface EvaluationSet {
  readonly name: string;
  /** One sentence for a table's caption. */
  readonly description: string;
  readonly style: Style;
  /** Concepts whose pictures are ranked. */
  readonly candidates: readonly number[];
  /** Concepts that are asked for; a subset of the candidates. */
  readonly targets: readonly number[];
  readonly locales: readonly string[];
  /** Ask only with names that are not also a training text of some seen locale, letter case aside. */
  readonly novelTextsOnly: boolean;
}

export interface EvaluationSource {
  readonly concepts: readonly {
    readonly index: number;
    readonly skinTone: boolean;
    readonly subgroup: string;
    readonly split: 'train' | 'heldOut';
  }[];
  /** A style that is trained on. */
  readonly seenStyle: Style;
  readonly heldOutStyle: Style;
  readonly seenLocales: readonly string[];
  readonly heldOutLocales: readonly string[];
}

/**
 * The evaluation sets of the data set. Skin-tone variants (1,520 of 3,372 drawings) count like any emoji in the
 * main sets; the same questions without them, as candidates or targets, have the suffix '/no-skin-tones'.
 */
export function evaluationSets(source: EvaluationSource): EvaluationSet[] {
  const { seenStyle, heldOutStyle, seenLocales, heldOutLocales } = source;
  const indices = (filter: (concept: EvaluationSource['concepts'][number]) => boolean): number[] =>
    source.concepts.filter(filter).map((concept) => concept.index);
  const all = indices(() => true);
  const seen = indices((concept) => concept.split === 'train');
  const unseen = indices((concept) => concept.split === 'heldOut');
  const inTraining = { style: seenStyle, candidates: seen, targets: seen, novelTextsOnly: false };
  const sets: EvaluationSet[] = [
    {
      ...inTraining,
      name: 'seen-concepts/seen-style',
      description:
        'Trained emoji in a trained style, in trained locales: how well the training data is learnt.',
      locales: seenLocales,
    },
    {
      ...inTraining,
      name: 'seen-concepts/held-out-style',
      description: 'Trained emoji in a drawing style never trained on, in trained locales.',
      style: heldOutStyle,
      locales: seenLocales,
    },
    {
      name: 'held-out-concepts/seen-style',
      description: 'Emoji never trained on among each other, in a trained style and trained locales.',
      style: seenStyle,
      candidates: unseen,
      targets: unseen,
      locales: seenLocales,
      novelTextsOnly: false,
    },
    {
      name: 'held-out-concepts/held-out-style',
      description:
        'Emoji never trained on among each other, in a style never trained on, in trained locales.',
      style: heldOutStyle,
      candidates: unseen,
      targets: unseen,
      locales: seenLocales,
      novelTextsOnly: false,
    },
    {
      name: 'held-out-concepts-among-all/held-out-style',
      description: 'Emoji never trained on among all emoji, in a style never trained on, in trained locales.',
      style: heldOutStyle,
      candidates: all,
      targets: unseen,
      locales: seenLocales,
      novelTextsOnly: false,
    },
    {
      ...inTraining,
      name: 'held-out-locales/seen-style',
      description: 'Trained emoji in a trained style, asked for in locales never trained on.',
      locales: heldOutLocales,
    },
    {
      ...inTraining,
      name: 'held-out-locales/held-out-style',
      description: 'Trained emoji in a style never trained on, asked for in locales never trained on.',
      style: heldOutStyle,
      locales: heldOutLocales,
    },
    {
      ...inTraining,
      name: 'held-out-locales-novel/held-out-style',
      description: 'As held-out-locales/held-out-style, but only names that no trained locale shares.',
      style: heldOutStyle,
      locales: heldOutLocales,
      novelTextsOnly: true,
    },
  ];
  const plain = new Set(indices((concept) => !concept.skinTone));
  const withoutSkinTones = sets.map((set) => ({
    ...set,
    name: `${set.name}/no-skin-tones`,
    description: `${set.description} Without skin-tone variants.`,
    candidates: set.candidates.filter((concept) => plain.has(concept)),
    targets: set.targets.filter((concept) => plain.has(concept)),
  }));
  const byIndex = new Map(source.concepts.map((concept) => [concept.index, concept]));
  // A held-out style's drawings that another style made may have been trained on.
  const own = (concept: number): boolean => drawnBy(heldOutStyle, byIndex.get(concept)!) === heldOutStyle;
  const fair = [...sets, ...withoutSkinTones].map((set) =>
    set.style === heldOutStyle
      ? { ...set, candidates: set.candidates.filter(own), targets: set.targets.filter(own) }
      : set,
  );
  return fair.filter((set) => set.targets.length > 0 && set.locales.length > 0);
}
