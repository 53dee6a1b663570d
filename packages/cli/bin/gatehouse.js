#!/usr/bin/env node
// Plain JavaScript that any Node ≥ 18 can run: an older Node finds the pinned one here and hands over to it.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import module from 'node:module'
import { constants, homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The first major version that runs our TypeScript source as it is. */
const NODE_MAJOR_MIN = 24

const here = fileURLToPath(import.meta.url)

async function run() {
  // Compiled modules are kept between runs, stripped of their types: it halves the start-up. Without a writable place
  // Node goes on without.
  module.enableCompileCache(join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gatehouse', 'compiled'))
  const { runProcess } = await import('../src/run-process.ts')
  // The process ends when its streams have drained: a slow reader of a pipe gets all of it.
  process.exitCode = await runProcess(process)
}

function pinnedNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let directory = dirname(here); ; directory = dirname(directory)) {
    const candidate = join(directory, 'node_modules', 'node', 'bin', name)
    if (existsSync(candidate)) return candidate
    if (directory === dirname(directory)) return null
  }
}

function handOver(node) {
  const child = spawn(node, [here, ...process.argv.slice(2)], { stdio: 'inherit' })
  // We must outlive the child: it revokes a credential when it is told to stop, and its exit code is ours.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`cannot start ${node}: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0)
  })
}

function fail(message) {
  process.stderr.write(`gatehouse: ${message}\n`)
  process.exitCode = 1
}

if (Number.parseInt(process.versions.node, 10) >= NODE_MAJOR_MIN) {
  await run()
} else {
  const node = pinnedNode()
  if (node === null) fail('the pinned Node is not installed · run npm ci in the repository')
  else handOver(node)
}
