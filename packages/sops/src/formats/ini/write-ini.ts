import { SopsError } from '../../sops-error.ts'
import type { Comment, Entry, MapNode } from '../../tree.ts'
import { flatText } from '../dotenv.ts'
import { defaultSection, readIni, trimmed } from './read-ini.ts'

/** Writes sections as the library of stock SOPS does, the signs in a column. */
export const writeIni = (doc: MapNode): string => {
  const sections = doc.entries.filter((one) => one.kind === 'entry')
  return sections
    .map((section, index) => sectionText(section, index))
    .filter((one) => one !== '')
    .join('\n')
}

/** As `writeIni`; refuses values in clear that could not be read back. */
export const writeReadableIni = (doc: MapNode): string => {
  const source = writeIni(doc)
  const sections = doc.entries.filter((one) => one.kind === 'entry')
  for (const [index, section] of readIni(source).entries.entries()) requireSame(section, index, sections)
  return source
}

/** A nameless section that is empty is not written, and read all the same. */
const requireSame = (read: Comment | Entry, index: number, written: readonly Entry[]): void => {
  const lead = written[0]?.key === defaultSection ? 0 : 1
  const meant = written[index - lead]
  if (meant === undefined || read.kind === 'comment') return
  if (JSON.stringify(valuesOf(read)) !== JSON.stringify(valuesOf(meant)))
    throw new SopsError('unsupported', `a value of section \`${meant.key}\` cannot be written in an INI file`)
}

const valuesOf = ({ key, value }: Entry): readonly unknown[] => [
  key,
  ...(value.kind === 'map'
    ? value.entries.flatMap((one) => (one.kind === 'comment' ? [] : [[one.key, valueText(one)]]))
    : []),
]

const valueText = ({ key, value }: Entry): string => {
  if (value.kind !== 'leaf')
    throw new SopsError('unsupported', `\`${key}\` is no single value, and INI files have nothing else`)
  const flat = flatText(value.value)
  if (flat.type !== 'str') throw new SopsError('unsupported', `\`${key}\` is no text, and INI files have nothing else`)
  return flat.text
}

const sectionText = ({ key: name, value }: Entry, index: number): string => {
  if (value.kind !== 'map')
    throw new SopsError('unsupported', `\`${name}\` is no section, and INI files have nothing else`)
  const [first, ...rest] = value.entries
  const [head, entries] = first?.kind === 'comment' ? [commentText(first), rest] : ['', value.entries]
  const isNameless = index === 0 && name.toUpperCase() === defaultSection
  const lines = keyLines(entries)
  if (isNameless) return lines.length === 0 ? head : head + lines
  return `${head}[${name}]\n${lines}`
}

const keyLines = (entries: readonly (Comment | Entry)[]): string => {
  const keys = entries.flatMap((one, index) => {
    const after = entries[index + 1]
    return one.kind === 'comment' ? [] : [{ one, comment: after?.kind === 'comment' ? commentText(after) : '' }]
  })
  const width = Math.max(0, ...keys.map(({ one }) => Buffer.byteLength(keyText(one.key))))
  return keys
    .map(({ one, comment }) => {
      const name = keyText(one.key)
      return `${comment}${name}${' '.repeat(width - Buffer.byteLength(name))} = ${quotedValue(valueText(one))}\n`
    })
    .join('')
}

const keyText = (name: string): string => {
  if (/["=:]/.test(name)) return `\`${name}\``
  return name.includes('`') ? `"""${name}"""` : name
}

const quotedValue = (value: string): string => {
  if (/[\n`]/.test(value)) return `"""${value}"""`
  if (/[#;]/.test(value)) return `\`${value}\``
  return trimmed(value) === value ? value : `"${value}"`
}

const commentText = ({ text }: Comment): string =>
  text === ''
    ? ''
    : text
        .split('\n')
        .map((line) => (/^[#;]/.test(line) ? `${line.charAt(0)} ${trimmed(line.slice(1))}\n` : `; ${trimmed(line)}\n`))
        .join('')
