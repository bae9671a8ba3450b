/** Gemma's tokenizer in form, with the specials, the 256 bytes and a few letters as its whole vocabulary. */
export function tinyTokenizer() {
  const specials = ['<pad>', '<eos>', '<bos>', '<unk>'];
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  );
  const pieces = [...specials, ...bytes, ...'▁acehint고양이', '▁c', 'at', '▁cat'];
  const merges = ['▁ c', 'a t', '▁c at'];
  const flags = { special: true, normalized: false, single_word: false, lstrip: false, rstrip: false };
  return {
    version: '1.0',
    added_tokens: specials.map((content, id) => ({ id, content, ...flags })),
    normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
    pre_tokenizer: {
      type: 'Split',
      pattern: { String: ' ' },
      behavior: 'MergedWithPrevious',
      invert: false,
    },
    post_processor: null,
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
      ],
    },
    model: {
      type: 'BPE',
      unk_token: '<unk>',
      byte_fallback: true,
      fuse_unk: true,
      vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
      merges,
    },
  };
}
