/** Columns of a terminal that does not say. */
export const DEFAULT_WIDTH = 80

/** Folder of report files, relative to the working folder. */
export const DEFAULT_OUTPUT = 'keploy-report'

/** Folder of sets, relative to the root of the repository. */
export const DEFAULT_SETS = 'keploy'

/** Names of the files in the output folder. */
export const FILE_NAMES = { json: 'report.json', junit: 'junit.xml', html: 'report.html' } as const
