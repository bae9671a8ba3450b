/** Whole numbers at which programs err: ends of ranges, sizes, signs. */
export const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 3n, 4n, 7n, 8n, 15n, 16n, 31n, 32n, 63n, 64n, 100n, 127n, 128n, 129n, 255n, 256n, 257n],
  ...[511n, 512n, 513n, 1000n, 1023n, 1024n, 4096n, 10_000n, 32_767n, 32_768n, 65_535n, 65_536n, 100_000n],
  ...[2n ** 24n, 2n ** 30n, 2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 33n, 10n ** 10n],
  ...[2n ** 40n, 2n ** 52n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
  ...[-1n, -2n, -8n, -128n, -512n, -32_768n, -(2n ** 31n), -(2n ** 53n), -(2n ** 63n)],
];

/** Texts at which programs err: numbers that are none, paths that lead out, other scripts, controls. */
export const TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    '\0',
    '\n',
    '"',
    '\\',
    '%s',
    '%00',
    '../../x',
    '/etc/passwd',
    'C:\\x',
    'NaN',
    'Infinity',
    '-0',
  ],
  ...['1e999', '0x10', 'null', 'true', '__proto__', 'constructor', 'toString', 'length', '🙂', '\ud800', 'ß'],
  ...['\u202e', '\ufeff', 'e\u0301', '<eos>', '<pad>', '▁', '(a+)+$', '\\p{L}', 'x'.repeat(1000)],
];
