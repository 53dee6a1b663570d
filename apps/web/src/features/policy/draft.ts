import type { PolicyFile } from './line-diff.ts'

/** What is changed of a policy set: the new text by path, null for a file that is taken out. */
export type Edits = Readonly<Record<string, string | null>>

/** How a file of a draft stands against the set in force. */
export type DraftState = 'same' | 'added' | 'changed' | 'removed'

/** A file of a draft. */
export interface FileState {
  readonly path: string
  readonly state: DraftState
}

/** A set with its edits, by path: what would be published. */
export function draftFiles(base: readonly PolicyFile[], edits: Edits): readonly PolicyFile[] {
  const texts = new Map(base.map(({ path, text }) => [path, text]))
  for (const [path, text] of Object.entries(edits)) {
    if (text === null) texts.delete(path)
    else texts.set(path, text)
  }
  return [...texts].map(([path, text]) => ({ path, text })).toSorted((a, b) => a.path.localeCompare(b.path))
}

/** Every file that is or was, and how it stands. */
export function draftStates(base: readonly PolicyFile[], edits: Edits): readonly FileState[] {
  const old = new Map(base.map(({ path, text }) => [path, text]))
  const paths = [...new Set([...old.keys(), ...Object.keys(edits)])].toSorted()
  return paths
    .filter((path) => old.has(path) || edits[path] !== null)
    .map((path) => ({ path, state: stateOf(old.get(path), edits[path]) }))
}

function stateOf(before: string | undefined, edit: string | null | undefined): DraftState {
  if (edit === undefined || edit === before) return 'same'
  if (edit === null) return 'removed'
  return before === undefined ? 'added' : 'changed'
}

/** What a signed set is signed by; it lies beside the folders. */
const manifestName = 'policies.manifest'

/** The files that hold policies or the schema: a manifest says nothing that could be tried. */
export const policyFilesOf = (files: readonly PolicyFile[]): readonly PolicyFile[] =>
  files.filter(({ path }) => path !== manifestName)

/** A file as a person chose it: its name, and where it lay when a whole folder was chosen. */
export interface ChosenFile {
  readonly name: string
  readonly folderPath: string
}

/** Where a chosen file belongs, or why that is not clear. */
export function pathOfChosen(
  { name, folderPath }: ChosenFile,
  base: readonly PolicyFile[],
): { readonly path: string } | { readonly problem: string } {
  if (name === manifestName) return { path: manifestName }
  if (!/\.cedar(schema)?$/.test(name)) return { problem: `${name} is neither a .cedar nor a .cedarschema file` }
  // the first step is the chosen folder itself
  if (folderPath.includes('/')) return { path: folderPath.split('/').slice(1).join('/') }
  const alike = base.filter(({ path }) => path.split('/').at(-1) === name).map(({ path }) => path)
  const [only, ...more] = alike
  if (more.length > 0)
    return { problem: `${name} could be ${alike.join(' or ')}: choose the whole folder, or paste it into the file` }
  return { path: only ?? (name.endsWith('.cedarschema') ? `schema/${name}` : name) }
}
