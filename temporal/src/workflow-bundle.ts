import { createHash } from 'node:crypto'
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

const root = fileURLToPath(new URL('../..', import.meta.url))
const cache = join(root, 'node_modules', '.cache', 'gatehouse', 'workflows')

const versions = ['node_modules/@temporalio/worker/package.json', 'node_modules/@temporalio/workflow/package.json']

/**
 * The workflow code as Temporal's sandbox runs it. Making it takes a core one and a half seconds, so it is kept by the
 * text of all that it can be made of (and more: a list that forgot one part would run yesterday's code), and made anew
 * where nothing can be kept.
 */
export async function workflowCode(failureConverterPath: string | undefined): Promise<string> {
  const kept = join(cache, `${await fingerprint(failureConverterPath)}.js`)
  const known = await readFile(kept, 'utf8').catch(() => null)
  if (known !== null) return known
  const { code } = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows/index.ts', import.meta.url)),
    workflowInterceptorModules: [fileURLToPath(new URL('./workflows/request-interceptors.ts', import.meta.url))],
    ...(failureConverterPath === undefined ? {} : { failureConverterPath }),
    logger: new DefaultLogger('ERROR'),
  })
  await keep(kept, code).catch(() => undefined) // a read-only installation makes it at each start
  return code
}

/** Renamed into place: whoever reads it meanwhile reads all of it or nothing. */
async function keep(path: string, code: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const partial = `${path}.${process.pid}`
  await writeFile(partial, code)
  await rename(partial, path)
}

async function fingerprint(failureConverterPath: string | undefined): Promise<string> {
  const paths = [...(await filesUnder('temporal/src')), ...(await packageSources()), ...versions]
  const texts = await Promise.all(paths.map(async (path) => `${path}\n${await readFile(join(root, path), 'utf8')}`))
  const hash = createHash('sha256').update(failureConverterPath ?? '')
  for (const text of texts) hash.update(text)
  return hash.digest('hex').slice(0, 32)
}

const packageSources = async (): Promise<readonly string[]> =>
  (
    await Promise.all(
      (await readdir(join(root, 'packages'))).toSorted().map((name) => filesUnder(`packages/${name}/src`)),
    )
  ).flat()

const filesUnder = async (directory: string): Promise<readonly string[]> => {
  const names = await readdir(join(root, directory), { recursive: true }).catch(unlessMissing)
  return names
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => join(directory, name))
}

/** A package without sources has none; sources that cannot be read must not be left out of the fingerprint. */
const unlessMissing = (error: NodeJS.ErrnoException): readonly string[] => {
  if (error.code === 'ENOENT') return []
  throw error
}
