import packageJson from '../package.json' with { type: 'json' }

/** The version of this command, from its own package.json at build time. */
export const version: string = packageJson.version
