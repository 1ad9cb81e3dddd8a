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
  if (names.length === 1 && names[0] === 'json' && !options.folderChosen) {
    const { output: _output, ...rest } = settings
    return [createReporter('json', rest)]
  }
  return names.map((name) => createReporter(name, { ...settings, output: settings.output ?? DEFAULT_OUTPUT }))
}
