import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/**
 * Folder of the installed package `onnxruntime-node`, which has ONNX Runtime for every platform. It is an optional
 * dependency: on Linux its install script downloads NVIDIA's libraries from a host of its own, and where that is closed
 * npm leaves the whole package out instead of failing.
 * @throws Error saying how to install it
 */
export function runtimeFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  } catch (cause) {
    throw new Error(
      'ONNX Runtime is not installed (the package onnxruntime-node): npm leaves it out where its install script ' +
        "cannot download NVIDIA's libraries, which only CUDA needs; run `npm install --ignore-scripts` in your project",
      { cause },
    );
  }
}
