import { createReporter, DEFAULT_OUTPUT } from '@keploy-framework/report'
import type { ReporterName, ReporterOptions, RunReporter } from '@keploy-framework/report'

/**
 * The reporters of a command. Their documents become files, but for a `json` that is alone and was given no folder: it is
 * then the output of the command.
 */
export function createReporters(
  names: readonly ReporterName[],
  settings: ReporterOptions,
  options: { readonly folderChosen: boolean },
): RunReporter[] {
  if (isOutput(names, options)) {
    const { output: _output, ...rest } = settings
    return [createReporter('json', rest)]
  }
  return names.map((name) => createReporter(name, { ...settings, output: settings.output ?? DEFAULT_OUTPUT }))
}

/** Whether reporters leave files in the folder of reports. */
export function writesFiles(names: readonly ReporterName[], options: { readonly folderChosen: boolean }): boolean {
  return !isOutput(names, options) && (options.folderChosen || names.some((name) => FILES.has(name)))
}

const FILES: ReadonlySet<ReporterName> = new Set(['json', 'junit', 'html'])

function isOutput(names: readonly ReporterName[], { folderChosen }: { readonly folderChosen: boolean }): boolean {
  return names.length === 1 && names[0] === 'json' && !folderChosen
}
