import { createHmac } from 'node:crypto'

/** As long as the hash: guessing the salt is as hard as breaking the hash, so an erased value cannot be found by trying. */
export const saltBytes = 32

/** What stands in the entry for a personal value: binding, and worthless once value and salt are erased. */
export interface Commitment {
  readonly c: string
}

/** A personal value in clear, beside the entry that commits to it. */
export interface PersonalValue {
  readonly field: string
  readonly value: string
  readonly salt: Uint8Array
}

/** `{"c": base64url(HMAC-SHA-256(salt, field ‖ 0x00 ‖ value))}`. A field name holds no NUL, so no two pairs have one form. */
export const commitmentTo = ({ field, value, salt }: PersonalValue): Commitment =>
  ({ c: createHmac('sha256', salt).update(`${field}\0${value}`, 'utf8').digest('base64url') })

/** True for what `commitmentTo` makes. */
export const isCommitment = (value: unknown): value is Commitment =>
  typeof value === 'object' && value !== null && 'c' in value && typeof value.c === 'string' && Object.keys(value).length === 1

/** True when the commitment is to this very value. */
export const isSameCommitment = (commitment: string | undefined, clear: PersonalValue): boolean => commitment === commitmentTo(clear).c
