import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
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

/** Leaves these to Node, by the way from the program to where they lie. */
const leave = (pattern: RegExp, programDirectory: string): Plugin => ({
  name: 'leave',
  async resolveId(id, importer) {
    if (!pattern.test(id)) return null
    const found = await this.resolve(id, importer, { skipSelf: true })
    // as it is said here: the bundler itself would begin at the source
    return found === null ? null : { id: relative(programDirectory, found.id), external: 'absolute' }
  },
})

/**
 * A module finds what lies beside it (a thread's program, a page) where its source lies. That is told by the way there
 * from the program, and by no path of this machine: a checkout that was copied or moved would go by the policies of the
 * one that it was built in.
 */
const keepPlaces = (programDirectory: string): Plugin => ({
  name: 'keep-places',
  transform(code, id) {
    if (!code.includes('import.meta.')) return null
    const wayTo = (place: string): string => JSON.stringify(relative(programDirectory, place))
    return code
      .replaceAll('import.meta.url', `new URL(${wayTo(id)}, import.meta.url).href`)
      .replaceAll('import.meta.dirname', `${nodePath}.join(import.meta.dirname, ${wayTo(dirname(id))})`)
  },
})

/** For code that is written into modules of any names. */
const nodePath = "process.getBuiltinModule('node:path')"

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
  const programDirectory = join(realpathSync(directory), name)
  const built = await rolldown({
    cwd: root,
    input: { main: join(root, source) },
    platform: 'node',
    external: (id) => id.startsWith('node:') || builtin.has(id),
    plugins: [leave(left, programDirectory), keepPlaces(programDirectory)],
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
