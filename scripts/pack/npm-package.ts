import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** What we read of a manifest. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** The manifest of one of our own packages. */
export const readManifest = async (directory: string): Promise<Manifest> =>
  JSON.parse(await readFile(join(directory, 'package.json'), 'utf8')) as Manifest // our own file

/** An empty directory in which a package is put together. */
export const stagingDirectory = async (directory: string, name: string): Promise<string> => {
  const stage = join(directory, name)
  await rm(stage, { recursive: true, force: true })
  await mkdir(stage, { recursive: true })
  return stage
}

/** Writes the manifest of a package. */
export const writeManifest = (stage: string, manifest: Readonly<Record<string, unknown>>): Promise<void> =>
  writeFile(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)

/** Packs a directory; answers where the package is. npm comes with the Node that runs us, or stands on the path. */
export const npmPack = async (stage: string, directory: string): Promise<string> => {
  const path = `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`
  const { stdout } = await promisify(execFile)('npm', ['pack', '--json', '--pack-destination', directory], {
    cwd: stage,
    env: { ...process.env, PATH: path },
  })
  return join(directory, fileNameOf(JSON.parse(stdout)))
}

/** Older npm answers a list of packages, newer an object by their names. */
const fileNameOf = (answer: unknown): string => {
  // either way its values are what npm documents for a package
  const [packed] = Object.values(answer as Record<string, { readonly filename: string }>)
  if (packed === undefined) throw new Error('npm packed nothing')
  return packed.filename.replace('@', '').replace('/', '-')
}
