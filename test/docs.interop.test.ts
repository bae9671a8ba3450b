import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const guide = read('docs/interop.md');
const script = read('parity/interop.py');
const squeezed = (text: string): string => text.replace(/\s+/g, ' ');

/** Names of the script's checks. */
const checks = [...script.matchAll(/^ {4}"(\w+)": check_\w+,$/gm)].map((match) => match[1]!);

describe('docs/interop.md', () => {
  it('names the versions that the script is run with', () => {
    const pinned = read('parity/requirements.txt');
    const rows = [...guide.matchAll(/^\| ([\w. -]+) \| ([\d.]+) \|/gm)];
    expect(rows.length).toBeGreaterThan(4);
    const peers = JSON.parse(read('bench/peers/package.json')).dependencies;
    for (const [, tool, version] of rows) {
      if (tool === 'transformers.js') expect(peers['@huggingface/transformers']).toBe(version);
      else if (tool === 'its zero-shot pipeline') expect(pinned).toContain(`transformers==${version}`);
      else expect(pinned).toContain(`${tool!.toLowerCase()}==${version}`);
    }
  });

  it('has a check in the script for every section', () => {
    const sections = [...guide.matchAll(/^##+ (.+)$/gm)].map((match) => match[1]!);
    const named = sections.map((title) => title.toLowerCase().replace(/\W/g, '_'));
    for (const name of [
      'transformers',
      'sentence_transformers',
      'tokenizers',
      'transformers_js',
      'openvino',
    ]) {
      expect(named).toContain(name);
      expect(checks).toContain(name);
    }
    expect(checks).toContain('pipeline');
  });

  it.each([
    'length = {"max_length": self.tokenizer.model_max_length}',
    'return super().preprocess(*arguments, tokenizer_kwargs=length, **settings)',
    '{"text": {"padding": "max_length"}}',
    'pipeline_class=Short',
    'INFERENCE_PRECISION_HINT',
  ])('what it tells the reader to write is what the script runs: %s', (text) => {
    expect(squeezed(guide)).toContain(text);
    expect(squeezed(script)).toContain(text);
  });
});
