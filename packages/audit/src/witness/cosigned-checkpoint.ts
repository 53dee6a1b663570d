import type { Output } from '@gatehouse/contract'
import type { Store } from '@gatehouse/database'
import { cosignersOf, parseCheckpoint } from '../verify.ts'
import type { Witness } from './ask-witness.ts'
import { readCosignatures, readNewestCosigned, readWitnesses } from './witness.queries.ts'

/**
 * The newest checkpoint that witnesses of the settings co-signed, with their lines, and how each of them stands. What
 * lies in the database counts only where its signature is good.
 */
export async function cosignedCheckpoint(
  db: Store,
  witnesses: readonly Witness[],
): Promise<Pick<Output<'audit.checkpoint'>, 'cosigned' | 'witnesses'>> {
  const names = namesOf(witnesses)
  const row = names.length === 0 ? null : await readNewestCosigned(db, names)
  const cosigned = row === null ? null : row.note + goodLines(row.note, row.lines, witnesses).join('')
  const states = await readWitnesses(db, names)
  return {
    cosigned,
    witnesses: names.map((name) => {
      const state = states.find((one) => one.name === name)
      return {
        name,
        size: Number(state?.size ?? 0),
        signedAt: state?.signed_at ?? null,
        failingSince: state?.failing_since ?? null,
        lastError: state?.last_error ?? null,
      }
    }),
  }
}

/** A checkpoint's note with the lines of those witnesses who co-signed this very one. */
export async function withCosignatures(db: Store, witnesses: readonly Witness[], note: string): Promise<string> {
  const size = parseCheckpoint(note)?.size
  if (size === undefined || witnesses.length === 0) return note
  return note + goodLines(note, await readCosignatures(db, size), witnesses).join('')
}

function goodLines(note: string, lines: readonly string[], witnesses: readonly Witness[]): string[] {
  const checkpoint = parseCheckpoint(note + lines.join(''))
  if (checkpoint === null) return []
  return cosignersOf(
    checkpoint,
    witnesses.map(({ verifier }) => verifier),
  ).map(({ line }) => line)
}

const namesOf = (witnesses: readonly Witness[]): string[] => witnesses.map(({ verifier }) => verifier.name)
