/**
 * What may become of a key, as functions of what is known of it. Type imports only: a workflow takes this file as it
 * is. When a key's material is destroyed nothing brings it back, so each step towards that can be undone until then.
 */

export const keyStates = ['enabled', 'decrypt-only', 'disabled', 'pending-deletion', 'destroyed'] as const
export type KeyState = (typeof keyStates)[number]

/** What somebody, or the clock, does to a key. */
export const keySteps = ['enable', 'restrict', 'disable', 'schedule-deletion', 'cancel-deletion', 'destroy'] as const
export type KeyStep = (typeof keySteps)[number]

/** Where each step leads from each state; a step that is not there is refused. */
const follows: Readonly<Record<KeyState, Partial<Readonly<Record<KeyStep, KeyState>>>>> = {
  enabled: { restrict: 'decrypt-only', disable: 'disabled', 'schedule-deletion': 'pending-deletion' },
  'decrypt-only': { enable: 'enabled', disable: 'disabled', 'schedule-deletion': 'pending-deletion' },
  disabled: { enable: 'enabled', restrict: 'decrypt-only', 'schedule-deletion': 'pending-deletion' },
  // whoever calls a deletion off says anew what the key may do: it may have been scheduled because it leaked
  'pending-deletion': { 'cancel-deletion': 'disabled', destroy: 'destroyed' },
  destroyed: {},
}

/** Within fewer days nobody who is away notices; more is a key that is kept (AWS KMS has the same bounds). */
export const deletionDays = { min: 7, max: 30 } as const

const millisecondsADay = 86_400_000

/** What is known of a key when a step is asked for. */
export interface KeyStanding {
  readonly state: KeyState
  readonly deletionGuard: boolean
  /** When its material is to be destroyed; null: it is not. */
  readonly deleteAt: Date | null
  /** Ciphertexts in the census. */
  readonly ciphertexts: number
}

/** A step that is asked for. */
export type KeyEvent =
  | { readonly step: Exclude<KeyStep, 'schedule-deletion'> }
  | {
      readonly step: 'schedule-deletion'
      readonly days: number
      /** How many ciphertexts the caller knows to be lost with it. */
      readonly losing: number
    }

export type KeyMoveProblem = 'not-from-here' | 'guarded' | 'too-soon' | 'too-few-days' | 'too-many-days' | 'loses-more'

/** What comes of it: the state and when the material is to be destroyed, or why it does not. */
export type KeyMoved =
  | { readonly problem: null; readonly state: KeyState; readonly deleteAt: Date | null }
  | { readonly problem: KeyMoveProblem }

/** Takes a key one step on. */
export function moveKey(known: KeyStanding, event: KeyEvent, now: Date): KeyMoved {
  const state = follows[known.state][event.step]
  if (state === undefined) return { problem: 'not-from-here' }
  if (event.step === 'schedule-deletion') return scheduled(known, event, now)
  // a clock that was set back must not destroy a key early, nor a forged wake-up
  if (event.step === 'destroy' && (known.deleteAt === null || now < known.deleteAt)) return { problem: 'too-soon' }
  return { problem: null, state, deleteAt: null }
}

function scheduled(
  { deletionGuard, ciphertexts }: KeyStanding,
  { days, losing }: Extract<KeyEvent, { step: 'schedule-deletion' }>,
  now: Date,
): KeyMoved {
  if (days < deletionDays.min) return { problem: 'too-few-days' }
  if (days > deletionDays.max) return { problem: 'too-many-days' }
  if (deletionGuard) return { problem: 'guarded' }
  if (ciphertexts > losing) return { problem: 'loses-more' }
  return { problem: null, state: 'pending-deletion', deleteAt: new Date(now.getTime() + days * millisecondsADay) }
}

/** What a key is used for. */
export const keyUses = ['encrypt', 'decrypt', 'rewrap', 'rotate'] as const
export type KeyUse = (typeof keyUses)[number]

/** Rewrapping seals anew, so that a key which only decrypts does not rewrap either. */
const usesIn: Readonly<Record<KeyState, readonly KeyUse[]>> = {
  enabled: ['encrypt', 'decrypt', 'rewrap', 'rotate'],
  'decrypt-only': ['decrypt'],
  disabled: [],
  'pending-deletion': [],
  destroyed: [],
}

/** Whether a key may be used so in its state. */
export const mayUse = (state: KeyState, use: KeyUse): boolean => usesIn[state].includes(use)

/** `revoked`: others may know its material. */
export const versionStates = ['live', 'revoked', 'destroyed'] as const
export type VersionState = (typeof versionStates)[number]

/** What is known of a version that a ciphertext names. */
export interface VersionStanding {
  readonly version: number
  readonly state: VersionState
  /** Of its key. */
  readonly minimumVersion: number
}

export type VersionProblem = 'below-minimum' | 'version-revoked' | 'version-destroyed'

/**
 * Whether a ciphertext of a version is opened; null: it is. What a revoked version holds may be anybody's forgery, so
 * it is opened for rewrapping alone, where the census says which ciphertexts are ours.
 */
export function openingProblem(
  { version, state, minimumVersion }: VersionStanding,
  use: 'decrypt' | 'rewrap',
): VersionProblem | null {
  if (state === 'destroyed') return 'version-destroyed'
  if (version < minimumVersion) return 'below-minimum'
  return state === 'revoked' && use === 'decrypt' ? 'version-revoked' : null
}

/** What a new minimum is decided on. */
export interface MinimumStanding {
  readonly currentVersion: number
  /** Of today: what is below it was left behind before. */
  readonly minimumVersion: number
  /** Versions that the census still has ciphertexts of, and how many. */
  readonly census: readonly { readonly version: number; readonly ciphertexts: number }[]
}

/** Why a minimum is not set; null: it is. */
export function minimumProblem(
  { currentVersion, minimumVersion, census }: MinimumStanding,
  minimum: number,
): MinimumProblem | null {
  if (minimum > currentVersion) return { problem: 'no-such-version' }
  const left = census.filter(({ version }) => version >= minimumVersion && version < minimum)
  const ciphertexts = left.reduce((sum, one) => sum + one.ciphertexts, 0)
  return ciphertexts > 0 ? { problem: 'left-behind', ciphertexts } : null
}

export type MinimumProblem =
  | { readonly problem: 'no-such-version' }
  | { readonly problem: 'left-behind'; readonly ciphertexts: number }

/** When a key is rotated next; null: by hand alone. */
export const nextRotation = (rotationDays: number | null, now: Date): Date | null =>
  rotationDays === null ? null : new Date(now.getTime() + rotationDays * millisecondsADay)

/**
 * Whoever rewraps keeps what they are answered, or loses it on the way. For a week after the last one older versions
 * still open: in fewer days nobody who is away notices.
 */
export const settledDays = 7

/** What is known of the versions of a key before its current one. */
export interface LeavingStanding {
  readonly state: KeyState
  readonly currentVersion: number
  readonly minimumVersion: number
  /** Whether the census has ciphertexts of them that are still opened. */
  readonly needed: boolean
  /** Since when it has none; null: it has some, or nobody has looked since the key was rotated. */
  readonly settledSince: Date | null
}

/** `settle`: from now on nothing needs them. `unsettle`: something does after all. `close`: they are opened no more. */
export type LeavingStep = 'settle' | 'unsettle' | 'close'

/** What is to be done about older versions; null: nothing yet. Whatever stops a key stops this, too. */
export function leavingStep(known: LeavingStanding, now: Date): LeavingStep | null {
  if (!isLeaving(known)) return null
  if (known.needed) return known.settledSince === null ? null : 'unsettle'
  if (known.settledSince === null) return 'settle'
  return now < closingAt(known.settledSince) ? null : 'close'
}

const isLeaving = ({ state, currentVersion, minimumVersion }: Omit<LeavingStanding, 'needed'>): boolean =>
  mayUse(state, 'rotate') && minimumVersion < currentVersion

/** When versions that nothing needs since then are closed. */
export const closingAt = (settledSince: Date): Date => new Date(settledSince.getTime() + settledDays * millisecondsADay)

/** What nothing has needed since before then is closed. */
export const settledBefore = (now: Date): Date => new Date(now.getTime() - settledDays * millisecondsADay)

/** What the clock of a key looks at. */
export interface ClockStanding extends LeavingStanding {
  /** When it is rotated next; null: by hand alone. */
  readonly rotateAt: Date | null
}

/**
 * When something of a key is to be done by the clock; `somebody`: once somebody has rewrapped, which nobody says; null:
 * nothing is to come.
 */
export function nextOfKey(known: ClockStanding, now: Date): Date | 'somebody' | null {
  if (!mayUse(known.state, 'rotate')) return null
  if (leavingStep(known, now) !== null) return now
  const times = [
    ...(known.rotateAt === null ? [] : [known.rotateAt]),
    ...(isLeaving(known) && known.settledSince !== null ? [closingAt(known.settledSince)] : []),
  ]
  if (times.length > 0) return new Date(Math.min(...times.map((time) => time.getTime())))
  return isLeaving(known) ? 'somebody' : null
}

/** How ciphertexts come over to the current version. */
export interface Progress {
  /** When the key was rotated. */
  readonly since: Date
  /** So many came over since. */
  readonly moved: number
  /** So many still need an older version. */
  readonly left: number
}

/** In the first hour anything looks fast. */
const paceHoursMin = 1
const millisecondsAnHour = 3_600_000
/** What takes longer at today's pace is not coming to an end. */
const estimateDaysMax = 3650

/** How many come over in a day, and when the last will have; null: nobody can say. */
export function paceOf({ since, moved, left }: Progress, now: Date): { perDay: number | null; doneAt: Date | null } {
  if (moved === 0) return { perDay: null, doneAt: null }
  const elapsed = Math.max(now.getTime() - since.getTime(), paceHoursMin * millisecondsAnHour)
  const perDay = (moved / elapsed) * millisecondsADay
  const days = left / perDay
  const doneAt = left === 0 || days > estimateDaysMax ? null : new Date(now.getTime() + days * millisecondsADay)
  return { perDay: Math.round(perDay * 10) / 10, doneAt }
}
