import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runtimeFolder } from '../runtimeFolder.ts';

const NAME = /^(libonnxruntime\.so(\.\d+)*|libonnxruntime(\.\d+)*\.dylib|onnxruntime\.dll)$/;

/**
 * Path of ONNX Runtime's shared library inside the installed `onnxruntime-node` package.
 * @throws Error when the package is not installed, or has none for this platform and architecture.
 */
export function libraryPath(): string {
  const root = runtimeFolder();
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
