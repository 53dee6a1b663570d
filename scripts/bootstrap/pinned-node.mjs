import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'

/**
 * Runs a program under the pinned Node, in the foreground: signals reach it, its exit code becomes ours.
 * Answers false, having done nothing, when this process is that Node already.
 * @param {string} node path of the pinned Node
 * @param {string} program the program's path
 * @param {string[]} args its arguments
 */
export const runUnderPinnedNode = (node, program, args) => {
  if (realpathSync(process.execPath) === realpathSync(node)) return Promise.resolve(false)
  return new Promise((resolve) => {
    // Over the channel the program learns that we were killed, and ends instead of running on without its terminal.
    const child = spawn(node, [program, ...args], { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
    child.once('error', (error) => {
      console.error(`gatehouse: the pinned Node could not be run: ${error.message}`)
      process.exitCode = 1
      resolve(true)
    })
    child.once('exit', (code, signal) => {
      process.exitCode = code ?? 128 + (signal === 'SIGKILL' ? 9 : 1)
      resolve(true)
    })
  })
}
