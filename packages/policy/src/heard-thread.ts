import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread whose end is heard whenever it comes. A thread that fails while nobody waits for its answer says so
 * in an event, and one that nobody listens to ends the whole process.
 */
export function startHeardThread(program: URL, options: WorkerOptions, onEnded: () => void): Worker {
  const thread = new Worker(program, options)
  thread.on('error', onEnded)
  thread.on('exit', onEnded)
  thread.unref() // it never keeps a process that has nothing else to do
  return thread
}
