import { canonicalize } from './canonicalize.ts';
import { CLIP_BEST, CLIP_PAPER } from './clip-templates.ts';

/** Prompt ensembles by big_vision's names; "{}" stands for the class name. */
export const PROMPT_TEMPLATES = {
  class_name_only: ['{}'],
  /** The 80 templates of CLIP's ImageNet evaluation and the bare name: 81. */
  clip_paper: CLIP_PAPER,
  /** The 7 that CLIP's authors found to do as well, and the bare name: 8. */
  clip_best: CLIP_BEST,
} as const satisfies Record<string, readonly string[]>;

export type PromptTemplatesName = keyof typeof PROMPT_TEMPLATES;

/**
 * The texts that stand for a class in zero-shot classification: the name in each template, canonicalised as in
 * the reference evaluation (SPEC F.4). Embed them, average, and normalise again to get the class embedding.
 *
 * @param templates a list's name, or templates of your own with "{}" for the name.
 * @param options.canonical `false` leaves capitals and punctuation of names and templates as they are.
 * @throws Error when a template has no "{}".
 */
export function promptsFor(
  className: string,
  templates: PromptTemplatesName | readonly string[],
  options: { readonly canonical?: boolean } = {},
): string[] {
  const { canonical = true } = options;
  const list: readonly string[] = typeof templates === 'string' ? PROMPT_TEMPLATES[templates] : templates;
  const name = canonical ? canonicalize(className, { keepCommas: true }) : className;
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
