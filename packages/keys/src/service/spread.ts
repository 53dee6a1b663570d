import { invalidField } from '@gatehouse/contract'
import type { Transaction } from '@gatehouse/database'
import { selectWrapNames, type KeyRow, type WrapName } from './key.queries.ts'
import type { Backends } from './open-version.ts'
import { KeyMovedError } from './until-it-holds.ts'
import type { Spread } from './wrap-version.ts'

/** The backends of a new key, as somebody names them. */
export interface SpreadWanted {
  readonly backend: string
  readonly regions?: readonly string[]
  readonly quorum?: number | null
}

/** How a new key is spread. Throws `Refusal('invalid-input')` for backends that cannot be, or a quorum of none. */
export function spreadWanted(backends: Backends, { backend, regions = [], quorum = null }: SpreadWanted): Spread {
  const names = [backend, ...regions]
  const twice = regions.findIndex((name, index) => names.indexOf(name) <= index)
  if (twice !== -1) throw invalidField(`regions.${twice}`, `\`${regions[twice]}\` is named twice`)
  if (quorum === null) return { backends: names, quorum }
  if (quorum < 2 || quorum > names.length)
    throw invalidField('quorum', `from 2 to the number of backends, ${names.length}; left out: any one opens the key`)
  requireDistinct(backends, names)
  return { backends: names, quorum }
}

/** One key under two names is one that opens twice: whoever has it would not need the other. */
function requireDistinct(backends: Backends, names: readonly string[]): void {
  const fingerprints = names.map((name) => backends.get(name)?.fingerprint)
  const second = fingerprints.findIndex((one, index) => one !== undefined && fingerprints.indexOf(one) < index)
  if (second === -1) return
  const first = names[fingerprints.indexOf(fingerprints[second])]
  throw invalidField(
    `regions.${second - 1}`,
    `another key than \`${first}\` has: to Gatehouse these are one (keys of two Vaults need two names there)`,
  )
}

/** How a key is spread today: its next version is wrapped by whichever backends have the current one. */
export const spreadNow = ({ quorum, current_version: current }: KeyRow, wraps: readonly WrapName[]): Spread => ({
  backends: backendsOf(current, wraps),
  quorum,
})

/** Begins again where a version of a key, which is held, has other backends than the next one was wrapped by. */
export async function requireSpread(
  tx: Transaction,
  { keyId, version }: { readonly keyId: string; readonly version: number },
  next: readonly Pick<WrapName, 'backend'>[],
): Promise<void> {
  const now = backendsOf(version, await selectWrapNames(tx, keyId))
  if (now.join() !== next.map(({ backend }) => backend).join()) throw new KeyMovedError()
}

const backendsOf = (version: number, wraps: readonly WrapName[]): string[] =>
  wraps.filter((wrap) => wrap.version === version).map(({ backend }) => backend)
