import { SopsError } from '../sops-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes as text. Throws `malformed` where they are no UTF-8. */
export const utf8Text = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new SopsError('malformed', 'the document is no UTF-8 text', { cause })
  }
}
