import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { rolldown, type Plugin } from 'rolldown'

// build-programs.ts DIRECTORY: puts the gateway, the worker and the command line together, each out of its sources.

const root = fileURLToPath(new URL('../..', import.meta.url))
const builtin = new Set(builtinModules)

/**
 * What is loaded from where it lies. Native code, and the engine's WebAssembly, are found beside their own files.
 * Temporal's worker loads parts of itself by path, and needs to be one with what those load.
 */
const NATIVE = /^(@node-rs\/|@napi-rs\/|@cedar-policy\/|koffi$|@temporalio\/core-bridge)/
const NATIVE_OR_TEMPORAL = /^(@node-rs\/|@napi-rs\/|@cedar-policy\/|koffi$|@temporalio\/)/

/** Leaves these to Node, by the path where they lie: who imports them now lies elsewhere. */
const leave = (pattern: RegExp): Plugin => ({
  name: 'leave',
  async resolveId(id, importer) {
    if (!pattern.test(id)) return null
    const found = await this.resolve(id, importer, { skipSelf: true })
    return found === null ? null : { id: found.id, external: 'absolute' }
  },
})

/** A module finds what lies beside it (a thread's program, a page) where its source lies. */
const keepPlaces: Plugin = {
  name: 'keep-places',
  transform(code, id) {
    if (!code.includes('import.meta.')) return null
    return code
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
  },
}

interface Program {
  readonly name: string
  readonly source: string
  readonly left: RegExp
}

const programs: readonly Program[] = [
  { name: 'gateway', source: 'apps/gateway/src/main.ts', left: NATIVE },
  { name: 'worker', source: 'apps/worker/src/main.ts', left: NATIVE_OR_TEMPORAL },
  { name: 'gatehouse', source: 'packages/cli/src/packed.ts', left: NATIVE },
]

/** An optional part that is not installed is missed where it is asked for, as by Node; kept places move no line. */
const EXPECTED = new Set(['UNRESOLVED_IMPORT', 'SOURCEMAP_BROKEN'])

const putTogether = async (directory: string, { name, source, left }: Program): Promise<void> => {
  const built = await rolldown({
    cwd: root,
    input: { main: join(root, source) },
    platform: 'node',
    external: (id) => id.startsWith('node:') || builtin.has(id),
    plugins: [leave(left), keepPlaces],
    onLog: (level, log) => {
      if (level === 'warn' && !EXPECTED.has(log.code ?? '')) process.stderr.write(`${log.message}\n`)
    },
  })
  await built.write({
    dir: join(directory, name),
    format: 'esm',
    entryFileNames: '[name].mjs',
    chunkFileNames: '[name]-[hash].mjs',
    keepNames: true,
    // for who reads a log: a process that loads them itself would carry 80 MB more
    sourcemap: 'hidden',
    sourcemapExcludeSources: true,
  })
  await built.close()
  const started = join(directory, 'apps', `${name}.mjs`)
  mkdirSync(dirname(started), { recursive: true })
  writeFileSync(started, starter(name))
  chmodSync(started, 0o755)
}

/** What is started. It has Node keep the compiled code beside it, unless that is kept elsewhere already. */
const starter = (name: string): string => `#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
enableCompileCache(fileURLToPath(new URL('../compiled', import.meta.url)))
await import('../${name}/main.mjs')
`

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new TypeError('name the directory to put the programs into')
for (const program of programs) await putTogether(directory, program)
