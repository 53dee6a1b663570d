import { expect, test } from 'vitest'
import { startHeardThread } from './heard-thread.ts'

const program = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`)

test('a thread that fails while nobody waits for an answer ends by itself, and not the process', async () => {
  let told = 0
  const thread = startHeardThread(
    program(`import { parentPort } from 'node:worker_threads'
      const fail = () => { throw new Error('late') }
      parentPort.on('message', () => { parentPort.postMessage('well'); setImmediate(fail) })`),
    {},
    () => {
      told += 1
    },
  )
  const exit = new Promise((resolve) => thread.on('exit', resolve))
  // not by `once` of node:events, which listens for errors as well
  const answered = new Promise((resolve) => thread.once('message', resolve))
  thread.postMessage('ask')
  expect(await answered).toBe('well')
  // nobody else listens now: an event of this kind without a listener is thrown where the process is
  expect(await exit).toBe(1)
  expect(told).toBeGreaterThan(0)
})
