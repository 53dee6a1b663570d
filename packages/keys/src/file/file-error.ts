/** Why an encrypted file could not be made or opened. */
export type FileFailure =
  | 'malformed'
  | 'unknown-version'
  | 'unknown-suite'
  | 'truncated'
  | 'trailing'
  | 'altered'
  | 'wrong-key'
  | 'too-long'

const texts = {
  malformed: 'this is no encrypted file: it does not begin as one',
  'unknown-version': 'the file has a format that this version does not know; a newer one made it',
  'unknown-suite': 'the file names a cipher that this version does not know; a newer one made it',
  truncated: 'the file is cut short: its end is missing',
  trailing: 'something was added behind the end of the file',
  altered: 'the file was changed or cut short: a part of it does not open where it stands',
  'wrong-key': 'the data key in the file is none: it has not 32 bytes',
  'too-long': 'the file is too long',
} as const satisfies Record<FileFailure, string>

/** An encrypted file that cannot be made or opened. Says nothing of its content. */
export class FileError extends Error {
  override readonly name = 'FileError'
  readonly code: FileFailure
  /** Where in the encrypted file, in bytes, the first part stands that does not open. */
  readonly at: number | null

  constructor(code: FileFailure, { at = null, cause }: { at?: number | null; cause?: unknown } = {}) {
    super(texts[code], { cause })
    this.code = code
    this.at = at
  }
}
