import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const NAME = /^(libonnxruntime\.so(\.\d+)*|libonnxruntime(\.\d+)*\.dylib|onnxruntime\.dll)$/;

/**
 * Path of ONNX Runtime's shared library inside the installed `onnxruntime-node` package.
 * @throws Error when the package has none for this platform and architecture.
 */
export function libraryPath(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const bin = join(root, 'bin');
  const folders = readdirSync(bin)
    .filter((name) => name.startsWith('napi-v'))
    .map((name) => join(bin, name, process.platform, process.arch))
    .filter((folder) => existsSync(folder));
  for (const folder of folders) {
    // The longest name is the real file where the others are links to it.
    const [name] = readdirSync(folder)
      .filter((file) => NAME.test(file))
      .sort((a, b) => b.length - a.length);
    if (name) return join(folder, name);
  }
  throw new Error(`onnxruntime-node in ${root} has no library for ${process.platform}-${process.arch}.`);
}
