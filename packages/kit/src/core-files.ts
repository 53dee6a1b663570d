import { execFile } from 'node:child_process'

/**
 * From now on a crash of this process writes no core file, which would hold all that it has in memory; what it starts
 * afterwards inherits that, and may ask for one. Node has no call for it, so a program of the system makes it, where
 * there is one: on macOS there are no core files unless somebody asks for them.
 */
export const withoutCoreFile = (): Promise<void> =>
  new Promise((done) => {
    execFile('prlimit', ['--pid', String(process.pid), '--core=0:'], () => done())
  })
