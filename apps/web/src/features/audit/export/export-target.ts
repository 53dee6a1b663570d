import { LocalProblem } from '../../../words.ts'

/** Where an export goes: part after part, and then it is whole or not there at all. */
export interface ExportTarget {
  readonly name: string
  readonly write: (text: string) => Promise<void>
  /** All of it was written: the file is there from now on. */
  readonly finish: () => Promise<void>
  /** It is given up: nothing of it stays. */
  readonly abandon: () => Promise<void>
}

/** The part of the File System Access API that is used here; TypeScript's DOM does not have its pickers yet. */
interface FilePicker {
  showSaveFilePicker?: (options: {
    suggestedName: string
  }) => Promise<{
    readonly name: string
    createWritable: () => Promise<WritableStreamDefaultWriter<string> & { abort: () => Promise<void> }>
  }>
}

const picker = (): FilePicker['showSaveFilePicker'] => (globalThis as FilePicker).showSaveFilePicker?.bind(globalThis)

/** Whether this browser can write to a file as the export comes. */
export const canStream = (): boolean => picker() !== undefined

/** What a browser that cannot write to a file keeps in memory; more would make the page, or the device, give up. */
export const heldBytesMax = 256 * 1024 * 1024

/** Asks where the export shall go. To be called while a press of a button is being handled. Null: they gave up. */
export async function chooseTarget(name: string): Promise<ExportTarget | null> {
  const choose = picker()
  if (choose === undefined) return heldTarget(name)
  try {
    const file = await choose({ suggestedName: name })
    const writable = await file.createWritable()
    return {
      name: file.name,
      write: (text) => writable.write(text),
      finish: () => writable.close(),
      abandon: () => writable.abort(),
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null
    throw error
  }
}

/** Keeps the parts and gives them out as a download at the end. */
function heldTarget(name: string): ExportTarget {
  let parts: Blob[] = []
  let bytes = 0
  return {
    name,
    write: (text) => {
      const part = new Blob([text])
      bytes += part.size
      if (bytes > heldBytesMax)
        return Promise.reject(
          new LocalProblem({
            title: 'This export is too large for this browser.',
            next: 'Choose a shorter period, use Chrome or Edge, which write to a file as it comes, or a terminal.',
          }),
        )
      parts.push(part)
      return Promise.resolve()
    },
    finish: () => {
      download(new Blob(parts), name)
      parts = []
      return Promise.resolve()
    },
    abandon: () => {
      parts = []
      return Promise.resolve()
    },
  }
}

function download(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
