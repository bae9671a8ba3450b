/**
 * What `siglip2 evaluate` asks of models in a checkout: both register themselves.
 * @module
 */

export { emojiRetrieval } from './emojiRetrieval.ts';
export { emojiScenes } from './emojiScenes.ts';
