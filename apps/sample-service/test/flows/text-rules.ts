/** What a text of a model has of words that the flows look for. Words are a weak measure; a person would read on. */
const PROFESSIONAL =
  /\b(client|session|treatment|progress|assess\w*|observ\w*|goal\w*|intervention\w*|therap\w*|report(?:s|ed)?|present(?:s|ed|ing)|plan\w*|symptom\w*|follow-up|recommend\w*|anxiety)\b/gi
const CASUAL = /\b(gonna|wanna|gotta|kinda|sorta|yeah|yep|nope|hey|guys|stuff|awesome|cool|lol|btw|ain't|dude)\b/gi
const EMPATHETIC =
  /\b(understand\w*|hear (?:you|that|how)|sorry|sounds? (?:like|really|so|hard|difficult|tough)|feel(?:ing|s)?|here (?:for|with) you|valid|makes sense|difficult|tough|hard|thank you for|brave|not alone|support)\b/gi
const DIAGNOSTIC =
  /\b(diagnos\w*|disorder|you (?:have|suffer from) (?:depression|anxiety|insomnia|ptsd)|clinical(?:ly)?|patholog\w*|prescri\w*|bipolar|schizo\w*)\b/gi

const found = (words: RegExp) => (text: string) => [...new Set(text.toLowerCase().match(words))]

export const professionalTerms = found(PROFESSIONAL)
export const casualWords = found(CASUAL)
export const empatheticMarkers = found(EMPATHETIC)
export const diagnosticLanguage = found(DIAGNOSTIC)
