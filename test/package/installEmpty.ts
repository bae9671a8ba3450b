import { lstatSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { attempt, command } from './command.ts';

const REMEDY = /`(npm install --ignore-scripts)` in your project/;

/** Bytes of a folder's files. */
function bytesBelow(folder: string): number {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return paths
    .map((path) => lstatSync(join(folder, path)))
    .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
}

const megabytes = (folder: string): string => `${Math.round(bytesBelow(folder) / 1e6)} MB`;

/**
 * Installs the tarball into an empty folder as anybody would, and embeds there. Where the host of ONNX Runtime's own
 * downloads is closed, npm leaves that package out; then the error has to name the command that mends it.
 * @returns the folder
 */
export function installEmpty(tarball: string, parent: string): string {
  const project = join(parent, 'empty');
  mkdirSync(project);
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n');
  command('npm', ['install', '--no-audit', '--no-fund', tarball], project);
  const installed = join(project, 'node_modules/siglip2');
  const score = [
    'siglip2',
    'score',
    '--image',
    join(installed, 'docs/trex.png'),
    '--text',
    'dinosaur',
    '--json',
  ];
  const first = attempt('npx', score, project);
  if (first.status !== 0) {
    if (!REMEDY.test(first.output)) throw new Error(`the error names no remedy: ${first.output}`);
    console.log(`its download host is closed, and the error says so: ${first.output.trim()}`);
    command('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], project);
  }
  command('npx', score, project);
  const modules = join(project, 'node_modules');
  const runtime = join(modules, 'onnxruntime-node');
  console.log(`installed: ${megabytes(modules)}, of which ONNX Runtime ${megabytes(runtime)}`);
  keepOnePlatform(join(runtime, 'bin/napi-v6'));
  command('npx', score, project);
  console.log(`without ONNX Runtime's other platforms: ${megabytes(modules)}`);
  return project;
}

/** As docs/install.md says. */
function keepOnePlatform(bin: string): void {
  for (const platform of readdirSync(bin))
    for (const arch of readdirSync(join(bin, platform)))
      if (platform !== process.platform || arch !== process.arch)
        rmSync(join(bin, platform, arch), { recursive: true });
}
