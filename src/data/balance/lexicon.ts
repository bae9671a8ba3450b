import { z } from 'zod';
import { wordsOf } from '../../input/text/words.ts';
import type { BalanceExample, BalanceSchema } from './example.ts';

const phrases = z.array(z.string().min(1)).min(1);

const lexiconForm = z.strictObject({
  attributes: z.record(
    z.string(),
    z.strictObject({
      target: z.number().min(0).max(1),
      present: phrases,
      absent: phrases,
    }),
  ),
  labels: z.record(z.string(), phrases).default({}),
});

/** Attributes and labels as words that captions use. */
export interface Lexicon {
  /** By name. */
  readonly attributes: Readonly<
    Record<
      string,
      {
        /** Rate π that the attribute should have, 0 … 1. */
        readonly target: number;
        /** Words or phrases that say s = 1, at least one. */
        readonly present: readonly string[];
        /** Words or phrases that say s = 0, at least one. */
        readonly absent: readonly string[];
      }
    >
  >;
  /** Words or phrases of every label, by its name. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
}

/** Reads a lexicon from a file's JSON. */
export const lexiconSchema: z.ZodType<Lexicon> = lexiconForm;

/**
 * Gendered words and the occupations that the method's authors pair as opposites (“CLIP the Bias?”, arXiv 2403.04547).
 * A guess at what the paper used, which it does not say: captions name a gender far less often than pictures show one,
 * words are not people, and two genders are not all. English with some German, French and Spanish; give your own lists
 * for your own data.
 */
export const DEFAULT_LEXICON: Lexicon = {
  attributes: {
    'gender: female': {
      target: 0.5,
      present: [
        ...['woman', 'women', 'female', 'females', 'girl', 'girls', 'lady', 'ladies', 'she', 'her', 'hers'],
        ...['mother', 'mothers', 'mom', 'mum', 'daughter', 'daughters', 'sister', 'sisters', 'wife', 'wives'],
        ...[
          'grandmother',
          'aunt',
          'niece',
          'queen',
          'princess',
          'actress',
          'waitress',
          'bride',
          'businesswoman',
        ],
        ...['frau', 'frauen', 'mädchen', 'mutter', 'tochter', 'schwester'],
        ...['femme', 'femmes', 'fille', 'filles', 'mère', 'sœur'],
        ...['mujer', 'mujeres', 'niña', 'niñas', 'madre', 'hija', 'hermana'],
      ],
      absent: [
        ...['man', 'men', 'male', 'males', 'boy', 'boys', 'gentleman', 'gentlemen', 'he', 'him', 'his'],
        ...[
          'father',
          'fathers',
          'dad',
          'son',
          'sons',
          'brother',
          'brothers',
          'husband',
          'husbands',
          'guy',
          'guys',
        ],
        ...['grandfather', 'uncle', 'nephew', 'king', 'prince', 'actor', 'waiter', 'groom', 'businessman'],
        ...['mann', 'männer', 'junge', 'jungen', 'vater', 'sohn', 'bruder'],
        ...['homme', 'hommes', 'garçon', 'garçons', 'père', 'fils', 'frère'],
        ...['hombre', 'hombres', 'niño', 'niños', 'padre', 'hijo', 'hermano'],
      ],
    },
  },
  labels: {
    librarian: ['librarian', 'librarians'],
    scientist: ['scientist', 'scientists'],
    nurse: ['nurse', 'nurses'],
    doctor: ['doctor', 'doctors', 'physician', 'physicians'],
    housekeeper: ['housekeeper', 'housekeepers'],
    homeowner: ['homeowner', 'homeowners'],
    receptionist: ['receptionist', 'receptionists'],
    executive: ['executive', 'executives'],
    secretary: ['secretary', 'secretaries'],
    manager: ['manager', 'managers'],
  },
};

/** The names and targets of a lexicon. */
export const schemaOf = ({ attributes, labels }: Lexicon): BalanceSchema => ({
  attributes: Object.entries(attributes).map(([name, { target }]) => ({ name, target })),
  labels: Object.keys(labels),
});

/** A text as ` word word `, so that a phrase is found by its words and never inside one. */
const spaced = (text: string): string =>
  ` ${wordsOf(text)
    .map((word) => word.text.replace(/['’]s$/, ''))
    .join(' ')} `;

const matcher = (list: readonly string[]): ((caption: string) => boolean) => {
  const needles = list.map(spaced);
  return (caption) => needles.some((needle) => caption.includes(needle));
};

/**
 * Reads captions by a lexicon. An attribute is 1 or 0 where only words of one side occur, and undefined where both or
 * none do.
 */
export function captionReader(lexicon: Lexicon): (caption: string) => BalanceExample {
  const attributes = Object.values(lexicon.attributes).map(({ present, absent }) => ({
    present: matcher(present),
    absent: matcher(absent),
  }));
  const labels = Object.values(lexicon.labels).map(matcher);
  return (caption) => {
    const text = spaced(caption);
    return {
      attributes: attributes.map(({ present, absent }) => {
        const [yes, no] = [present(text), absent(text)];
        return yes === no ? undefined : yes ? 1 : 0;
      }),
      labels: labels.map((has) => (has(text) ? 1 : 0)),
    };
  };
}
