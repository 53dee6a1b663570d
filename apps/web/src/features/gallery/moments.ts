const now = Date.now()

/** A moment in minutes from now, which is one and the same for all that the gallery shows. */
export const inMinutes = (count: number): string => new Date(now + count * 60_000).toISOString()
