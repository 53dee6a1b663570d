// Runs before anything is installed, under whatever Node the machine has: plain JavaScript, no dependencies.
import { existsSync } from 'node:fs'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ensureDependencies } from './dependencies.mjs'
import { runUnderPinnedNode } from './pinned-node.mjs'

const OLDEST_NODE = 20

/** The repository's root directory. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * Installs what is missing, then runs a TypeScript program of the repository under the Node it is pinned to.
 * @param {string} program path of the program, relative to the root
 * @param {string[]} args its arguments
 */
export const bootstrap = async (program, args) => {
  const major = Number(process.versions.node.split('.')[0])
  if (major < OLDEST_NODE) return fail(`Node ${OLDEST_NODE} or newer is needed to start, this is ${process.version}`)
  try {
    await ensureDependencies(root)
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error))
  }
  keepCompiledCode()
  const path = join(root, program)
  if (!existsSync(path)) return fail(`there is no \`${program}\` in this checkout`)
  const pinned = join(root, 'node_modules', 'node', 'bin', 'node')
  if (!(await runUnderPinnedNode(pinned, path, args))) {
    process.argv = [process.execPath, path, ...args]
    await import(pathToFileURL(path).href)
  }
}

// What this starts, and all that that starts, is compiled once: a start spends a third of its time on it.
const keepCompiledCode = () => {
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'gatehouse', 'compiled')
  module.enableCompileCache?.()
}

const fail = (message) => {
  console.error(`gatehouse: ${message}`)
  process.exitCode = 1
}
