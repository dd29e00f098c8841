/** Who counts as the same customer: the email address, whatever the case of its letters. */
export const buyerOf = (email: string): string => email.trim().toLowerCase();
