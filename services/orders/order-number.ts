// Without letters and digits that are mistaken for one another on the telephone.
const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/** An order's number for people, such as "K7MP-3XWD", out of eight random bytes: it says nothing about how many orders there are. */
export function orderNumber(random: Uint8Array): string {
  const letters = Array.from(random.subarray(0, 8), (byte) => ALPHABET[byte % ALPHABET.length]);
  return `${letters.slice(0, 4).join("")}-${letters.slice(4).join("")}`;
}
