// Loaded for its effect, by `node --require`: it has nothing to import.
export {}
