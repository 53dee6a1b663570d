import { readTableText, tableBytesMax } from '@gatehouse/kit/tables'
import type { JSX } from 'solid-js'
import { Upload } from '../../generated/icons.tsx'

interface FilePickProps {
  readonly accept: string
  /** What is said of a file that holds more than is taken. */
  readonly tooLarge: string
  readonly onText: (text: string) => void
  /** What is wrong with the file; undefined: nothing. */
  readonly onProblem: (problem: string | undefined) => void
}

/** Takes the text of a file that the person chooses. */
export function FilePick(props: FilePickProps): JSX.Element {
  const take = async (input: HTMLInputElement): Promise<void> => {
    const [file] = input.files ?? []
    if (file === undefined) return
    const read = await textOf(file, props.tooLarge)
    props.onProblem('problem' in read ? read.problem : undefined)
    if ('text' in read) props.onText(read.text)
    input.value = '' // so that the same file, mended, can be chosen again
  }
  return (
    <label class="file-pick">
      <Upload aria-hidden="true" />
      Choose a file
      <input
        class="visually-hidden"
        type="file"
        accept={props.accept}
        onChange={(event) => void take(event.currentTarget)}
      />
    </label>
  )
}

/** A chosen file's text, or what is wrong with it. The size is looked at first: a browser reads what it is told to. */
async function textOf(file: File, tooLarge: string): Promise<{ readonly text: string } | { readonly problem: string }> {
  if (file.size > tableBytesMax) return { problem: tooLarge }
  const read = readTableText(new Uint8Array(await file.arrayBuffer()))
  if ('text' in read) return read
  return { problem: read.problems.map(({ path, message }) => `${capital(path)}: ${message}`).join(' ') }
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
