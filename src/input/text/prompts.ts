import { canonicalize } from './canonicalize.ts';
import { CLIP_BEST, CLIP_PAPER } from './clipTemplates.ts';

/** Prompt ensembles by big_vision's names; "{}" stands for the class name. */
export const PROMPT_TEMPLATES = {
  class_name_only: ['{}'],
  /** The 80 templates of CLIP's ImageNet evaluation and the bare name: 81. */
  clip_paper: CLIP_PAPER,
  /** The 7 that CLIP's authors found to do as well, and the bare name: 8. */
  clip_best: CLIP_BEST,
} as const satisfies Record<PromptTemplatesName, readonly string[]>;

/** A named set of templates. */
export type PromptTemplatesName = 'class_name_only' | 'clip_paper' | 'clip_best';

/**
 * The texts that stand for a class in zero-shot classification: the name in each template, canonicalised as in the
 * reference evaluation (big_vision `prompt_engineering.py`). Embed them, average, and normalise again to get the class
 * embedding.
 *
 * @param templates a list's name, or templates of your own with "{}" for the name.
 * @param options.canonical `false` leaves capitals and punctuation of names and templates as they are.
 * @param options.keepName leaves those of the name alone as they are. Default: not `canonical`.
 * @throws Error when a template has no "{}".
 * @example
 * console.log(promptsFor('otter', ['a photo of {}.', '{}']));
 */
export function promptsFor(
  className: string,
  templates: PromptTemplatesName | readonly string[],
  options: { readonly canonical?: boolean; readonly keepName?: boolean } = {},
): string[] {
  const { canonical = true, keepName = !canonical } = options;
  const list: readonly string[] = typeof templates === 'string' ? PROMPT_TEMPLATES[templates] : templates;
  const name = keepName ? className : canonicalize(className, { keepCommas: true });
  return list.map((template) => {
    if (!template.includes('{}')) {
      throw new Error(
        `prompt template ${JSON.stringify(template)} has no "{}"; write it where the name belongs`,
      );
    }
    const frame = canonical ? canonicalize(template, { keepBraces: true }) : template;
    // A function, because "$" in a name would be read as a pattern.
    return frame.replaceAll('{}', () => name);
  });
}

/** The texts of several classes, and what was done so that they can be told apart. */
export interface ClassPrompts {
  /** For each name, its texts: as many as there are templates. */
  readonly prompts: readonly (readonly string[])[];
  /** Names that keep their capitals and punctuation: without them they would be empty or equal to another name. */
  readonly asTyped: readonly string[];
}

/**
 * The texts of several classes ({@link promptsFor}). Canonical names lose punctuation, so that "C++" and "C#" would
 * both be "c", and one could never win over the other; such names stay as they were typed.
 * @throws Error when a template has no "{}"
 */
export function classPrompts(
  names: readonly string[],
  templates: PromptTemplatesName | readonly string[],
  { canonical = true }: { readonly canonical?: boolean } = {},
): ClassPrompts {
  const forms = new Map<string, Set<string>>();
  for (const name of names) {
    const form = canonicalize(name, { keepCommas: true });
    // Capitals make no other name: the models' tokenizers lower them anyway.
    forms.set(form, (forms.get(form) ?? new Set()).add(name.trim().toLowerCase()));
  }
  const isLost = (name: string): boolean => {
    const form = canonicalize(name, { keepCommas: true });
    return canonical && (form === '' || forms.get(form)!.size > 1);
  };
  const lost = new Set(names.filter(isLost));
  return {
    prompts: names.map((name) =>
      promptsFor(lost.has(name) ? name.trim() : name, templates, {
        canonical,
        keepName: !canonical || lost.has(name),
      }),
    ),
    asTyped: [...lost],
  };
}
