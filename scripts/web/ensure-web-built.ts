import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sourceDigest } from '@gatehouse/testkit/servers'

const PROGRESS_MS = 5_000
// What the built files are made of. The lock file stands for the packages.
const SOURCES = ['apps/web', 'packages/contract/src', 'package-lock.json']

/** Builds the web application unless its files were built from just these sources. */
export const ensureWebBuilt = async (root: string, say: (line: string) => void): Promise<void> => {
  const web = join(root, 'apps', 'web')
  if (!existsSync(join(web, 'index.html'))) return // a checkout without the web application has nothing to build
  const sources = sourceDigest(root, SOURCES)
  const cache = join(root, 'node_modules', '.cache', 'gatehouse')
  const stamp = join(cache, 'web-built-from')
  if (existsSync(join(web, 'dist', 'index.html')) && (await readFile(stamp, 'utf8').catch(() => '')) === sources) return
  say('building the web application …')
  const started = performance.now()
  await mkdir(cache, { recursive: true })
  await build(root, join(cache, `web-${process.pid}`), say)
  await replace(join(cache, `web-${process.pid}`), join(web, 'dist'))
  await writeFile(stamp, sources)
  say(`web application built (${((performance.now() - started) / 1000).toFixed(1)} s)`)
}

// Built beside, then moved: a gateway that serves the old files meanwhile never serves half of the new ones.
const replace = async (from: string, to: string): Promise<void> => {
  await rm(`${from}.old`, { recursive: true, force: true })
  await rename(to, `${from}.old`).catch(() => undefined) // nothing was built yet
  await rename(from, to)
  await rm(`${from}.old`, { recursive: true, force: true })
}

const build = async (root: string, outDir: string, say: (line: string) => void): Promise<void> => {
  const child = spawn(
    process.execPath,
    [
      join(root, 'node_modules', 'vite', 'bin', 'vite.js'),
      'build',
      '--outDir',
      outDir,
      '--emptyOutDir',
      '--logLevel',
      'warn',
    ],
    {
      cwd: join(root, 'apps', 'web'),
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ticker = setInterval(() => say('still building the web application …'), PROGRESS_MS)
  try {
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
    if (code !== 0) throw new WebBuildError(`the web application could not be built:\n${output.trim()}`)
  } finally {
    clearInterval(ticker)
  }
}

/** The web application does not build; the message holds what the compiler said. */
export class WebBuildError extends Error {
  override readonly name = 'WebBuildError'
}
