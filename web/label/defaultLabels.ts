/** Labels to start with: each of another language, none the same word. */
export const DEFAULT_LABELS = ['a cat', 'un chien', 'りんご', 'автомобиль', 'زهرة', 'nyumba'];
