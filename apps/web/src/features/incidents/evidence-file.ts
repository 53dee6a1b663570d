/** What is known of a file of evidence, as the form has it. */
export interface FileFacts {
  readonly name: string
  readonly size: string
  readonly sha256: string
}

/** The browser hashes a file as a whole; a bigger one is for `sha256sum`. */
const hashedMax = 512 * 1024 * 1024

/** A file's name, size and SHA-256; or why there is none. */
export async function factsOfFile(file: File): Promise<FileFacts | string> {
  if (file.size > hashedMax) return 'The file is too big for this browser: hash it with sha256sum.'
  if (!window.isSecureContext) return 'A browser hashes only over HTTPS: hash it with sha256sum.'
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer())
  const sha256 = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return { name: file.name, size: String(file.size), sha256 }
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const
const step = 1024

/** A size for people. */
export function sizeWords(bytes: number): string {
  const power = Math.min(bytes < 1 ? 0 : Math.floor(Math.log(bytes) / Math.log(step)), units.length - 1)
  const amount = bytes / step ** power
  return `${power === 0 ? amount : amount.toFixed(1)} ${units[power]}`
}
