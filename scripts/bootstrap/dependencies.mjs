import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const PROGRESS_MS = 5_000

/**
 * Installs the packages of the lock file unless exactly these are installed.
 * @param {string} root the repository
 */
export const ensureDependencies = async (root) => {
  if (isInstalled(root)) return
  console.error('gatehouse: installing packages (npm ci), a minute on a first start …')
  const started = Date.now()
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`
  const ticker = setInterval(() => console.error(`gatehouse: still installing packages, ${elapsed()} …`), PROGRESS_MS)
  try {
    await npmCi(root)
  } finally {
    clearInterval(ticker)
  }
  console.error(`gatehouse: packages installed in ${elapsed()}`)
}

/**
 * Compares the lock file with the copy npm leaves of what it installed, written last of all. This also knows an `npm
 * ci` made by hand,
 * and takes no notice of packages for other platforms.
 * @param {string} root the repository
 */
export const isInstalled = (root) => {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (!wanted || !installed || !existsSync(join(root, 'node_modules', 'node', 'bin', 'node'))) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.includes('node_modules/')) return true // the root and the workspaces themselves
    const found = installed[path]
    return found
      ? found.version === entry.version && found.integrity === entry.integrity && found.resolved === entry.resolved
      : entry.optional === true || entry.devOptional === true || entry.peer === true
  })
}

const readPackages = (path) => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return null // not installed yet
  }
}

const npmCi = (root) =>
  new Promise((resolve, reject) => {
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
    const [command, before] = npmCommand()
    const child = spawn(command, [...before, ...args], {
      cwd: root,
      stdio: ['ignore', 2, 'inherit'], // a program behind this may print one JSON document, and nothing else
      env: { ...process.env, PATH: pathWithout(join(root, 'node_modules', '.bin')) },
    })
    child.once('error', (error) => reject(new Error(`npm could not be run: ${error.message}`)))
    child.once('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`npm ci failed (${signal ?? `exit code ${code}`}): see above, then start again`)),
    )
  })

// Started by npm we use that very npm, under the Node it runs on: ours lies in the directory that `npm ci` is about to
// remove.
const npmCommand = () => {
  const { npm_execpath: npm, npm_node_execpath: node } = process.env
  const usable = npm && node && npm.endsWith('.js') && existsSync(node) && !node.includes(`node_modules/node/bin`)
  return usable ? [node, [npm]] : ['npm', []]
}

const pathWithout = (directory) =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .filter((entry) => entry !== directory)
    .join(delimiter)
