/** A visit that takes longer is cut, well before its lock runs out: two visits at once could undo each other. */
export const visitSecondsMax = 20
export const lockSeconds = 40

/** Another node's visit is waited for as long as that may take. */
export const lockWaitSecondsMax = 45
