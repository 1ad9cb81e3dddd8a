/** Whether digits are a payment card number: a known issuer range, its length, and a right check digit. */
export function isCardNumber(digits: string): boolean {
  const length = digits.length
  if (length < 14 || length > 16) return false
  const first = digits.charCodeAt(0) - 48
  const two = Number(digits.slice(0, 2))
  const four = Number(digits.slice(0, 4))
  const known =
    length === 16
      ? first === 4 ||
        (two >= 51 && two <= 55) ||
        (four >= 2221 && four <= 2720) ||
        four === 6011 ||
        two === 65 ||
        (four >= 3528 && four <= 3589)
      : length === 15
        ? two === 34 || two === 37
        : two === 36 || two === 38 || (four >= 3000 && four <= 3059)
  if (!known) return false
  let sum = 0
  for (let i = 0; i < length; i++) {
    let digit = digits.charCodeAt(length - 1 - i) - 48
    if (digit < 0 || digit > 9) return false
    if (i % 2 === 1) {
      digit *= 2
      if (digit > 9) digit -= 9
    }
    sum += digit
  }
  return sum % 10 === 0
}
