/** The address in a text; null where it has none. `URL.parse` is younger than the oldest Node that this runs on. */
export const parseUrl = (text: string): URL | null => (URL.canParse(text) ? new URL(text) : null)
