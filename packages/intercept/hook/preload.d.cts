/** Loaded for its effect, by `node --require`: there is nothing in it to use. */
declare const nothing: Record<string, never>
export = nothing
