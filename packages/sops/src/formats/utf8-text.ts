import { utf16Of } from '@gatehouse/kit'
import { SopsError } from '../sops-error.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of a file as text. Throws `encoding` where they are UTF-16, `malformed` where they are no UTF-8 either. */
export const utf8Text = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    // a document that stock SOPS wrote never is; Windows PowerShell makes one of what goes through its `>`
    if (utf16Of(bytes)?.isMarked === true)
      throw new SopsError('encoding', 'the file is in UTF-16, as `>` of Windows PowerShell writes it', { cause })
    throw new SopsError('malformed', 'the document is no UTF-8 text', { cause })
  }
}

const byteOrderMark = '\ufeff'

/** Whether a text begins with a mark that says nothing in UTF-8, and that editors of Windows still put there. */
export const isMarked = (text: string): boolean => text.startsWith(byteOrderMark)

/** Why a format in which a mark is part of what is read does not read it. */
export const markedError = (): SopsError =>
  new SopsError('encoding', 'the file begins with a byte order mark, which is no part of what was written')
