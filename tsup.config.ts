import { defineConfig } from 'tsup'

/** The one build of every package: ESM and types. `entry` is for packages with more than one entry point. */
export function library(entry: string[] = ['src/index.ts'], options: { dts?: boolean } = {}) {
  return defineConfig({
    entry,
    format: 'esm',
    target: 'node22',
    platform: 'node',
    dts: options.dts === false ? false : { entry: entry.filter((file) => file.endsWith('index.ts')) },
    clean: true,
    sourcemap: false,
    splitting: true,
    treeshake: true,
  })
}
