/** Why something can't be done now; null: it can be tried. */
export type Blocked = string | null

/** Nobody has said yet whether it can be done: it waits, and there is no reason to show. */
export const notKnownYet = ''
