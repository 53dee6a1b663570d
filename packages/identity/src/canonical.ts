/** The longest user name; long enough for an e-mail address as most organisations write them. */
const lengthMax = 64

/**
 * ASCII only, so nothing that merely looks like another name is a name. Begins with a letter or digit: a name is never
 * a flag.
 */
const canonicalForm = new RegExp(`^[a-z0-9][a-z0-9._@+-]{0,${lengthMax - 1}}$`)

/** What a user name looks like, in words for who has chosen another. */
export const canonicalNameRule = `letters, digits and . _ @ + -, beginning with a letter or digit, at most ${lengthMax}`

/**
 * The one form of a user name: for log-in, throttles, audit and storage alike. Null: no user can have this name.
 * Spellings (full-width letters, case, outer blanks) are folded before the check; zero-width characters, controls and
 * look-alikes
 * do not fold to ASCII and are refused, so two spellings are one user or no user.
 */
export function canonicalName(text: string): string | null {
  const folded = text.normalize('NFKC').toLowerCase().trim()
  return canonicalForm.test(folded) ? folded : null
}
