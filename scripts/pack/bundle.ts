import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** One file, and the licences of what other people wrote of it. */
export interface Bundle {
  readonly code: string
  readonly notices: string
}

/** The oldest Node that what we publish runs on. */
const TARGET = 'node20'

/** Puts an entry and all that it imports into one file, for Node. */
export const bundle = async (
  entry: string,
  { external }: { readonly external: readonly string[] },
): Promise<Bundle> => {
  const built = await rolldown({
    input: entry,
    external: [...external],
    platform: 'node',
    transform: { target: TARGET },
    treeshake: true,
  })
  const { output } = await built.generate({ format: 'esm', codeSplitting: false, minify: 'dce-only' })
  await built.close()
  const [chunk, ...others] = output
  if (others.length > 0) throw new Error(`one file was wanted, and there are ${output.length}`)
  return { code: chunk.code, notices: await noticesOf(chunk.moduleIds) }
}

/** The licence texts of the packages whose modules went in. */
const noticesOf = async (moduleIds: readonly string[]): Promise<string> => {
  const directories = new Set(moduleIds.map(packageDirectory).filter((path) => path !== null))
  const texts = await Promise.all([...directories].toSorted().map(noticeOf))
  return texts.join(`\n${'-'.repeat(80)}\n\n`)
}

/** The innermost package of `node_modules` that a module lies in; null for our own. */
const packageDirectory = (id: string): string | null =>
  /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id.replaceAll('\\', '/'))?.[1] ?? null

const noticeOf = async (directory: string): Promise<string> => {
  const { name, version, license } = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as {
    name: string
    version: string
    license?: string
  } // what npm requires of a package
  const file = (await readdir(directory)).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined ? '' : await readFile(join(directory, file), 'utf8')
  return `${name} ${version} (${license ?? 'no licence named'})\n\n${text.trim()}\n`
}
