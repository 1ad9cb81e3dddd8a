export { compareResponse } from './compare-response.ts'
export type { ActualResponse, CompareContext, CompareOptions, Comparison } from './compare-response.ts'
export { ResultValidator } from './result-validator.ts'
export type { ResultValidatorOptions } from './result-validator.ts'
