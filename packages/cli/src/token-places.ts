/** Where tokens can lie. */
export const tokenPlaces = ['keyring', 'file'] as const
export type TokenPlace = (typeof tokenPlaces)[number]
