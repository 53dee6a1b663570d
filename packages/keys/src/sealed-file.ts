import type { SealedPlace, Sealer } from '@gatehouse/enforcement'
import { KeyError } from './key-error.ts'
import { createPrivateFile, readPrivateFile } from './private-file.ts'

/** A secret kept in a private file, sealed: whoever copies the file alone has nothing. */
export interface SealedFile {
  readonly path: string
  /** Null: there is no such file. Throws when others can read it, or when it was not sealed here. */
  read(): Promise<Uint8Array | null>
  /** False: there is one already, and it is untouched. */
  create(plaintext: Uint8Array): Promise<boolean>
}

const firstWord = 'gatehouse-sealed-v1'

/** A sealed file at `path`. `column` says what it holds, so that two such files cannot be swapped. */
export function sealedFile({ path, sealer, column }: { path: string; sealer: Sealer; column: string }): SealedFile {
  const place: SealedPlace = { table: 'file', column, id: '' }
  return {
    path,
    read: async () => {
      const content = await readPrivateFile(path)
      if (content === null) return null
      const [word, sealed, ...rest] = content.trim().split(' ')
      if (word !== firstWord || sealed === undefined || rest.length > 0)
        throw new KeyError('malformed', `\`${path}\` is not a sealed key file`)
      return sealer.unseal(place, Buffer.from(sealed, 'base64url'))
    },
    create: (plaintext) =>
      createPrivateFile(path, `${firstWord} ${Buffer.from(sealer.seal(place, plaintext)).toString('base64url')}\n`),
  }
}
