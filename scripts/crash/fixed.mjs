/** Decimal strings as BigInt with eight places: all the arithmetic that a venue needs. Owns nothing else. */
const PLACES = 8;

export const fixed = (text) => {
  const [whole, decimals = ''] = String(text).split('.');
  return BigInt(whole + decimals.padEnd(PLACES, '0').slice(0, PLACES));
};

export const plain = (value) => {
  const digits = value.toString().padStart(PLACES + 1, '0');
  const decimals = digits.slice(-PLACES).replace(/0+$/, '');
  return digits.slice(0, -PLACES) + (decimals === '' ? '' : `.${decimals}`);
};
