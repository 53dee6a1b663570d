import { durationText } from './durations.ts'

/** How a credential dies before its time, and how soon. */
export interface Revocation {
  readonly revocability: 'deletes' | 'denies' | 'expires-only'
  readonly revokedWithinSeconds: number
}

/** The same in a few words, for a column. */
export function revocabilityText({ revocability, revokedWithinSeconds: seconds }: Revocation): string {
  switch (revocability) {
    case 'deletes':
      return 'can be revoked'
    case 'denies':
      return seconds === 0 ? 'denied at once' : `denied within ${durationText(seconds)}`
    case 'expires-only':
      return `only expires (at most ${durationText(seconds)})`
  }
}
