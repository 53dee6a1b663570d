import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheDirectories } from './pinned-tool.ts'
import { volume } from './volume.ts'

const run = promisify(execFile)

const VERSION = 'v0.316.0' // of Go's module: Prometheus 3.16

/** It is built from source with all its service discoveries: five minutes of one core. */
const BUILD_TIMEOUT_MS = 1_500_000

/**
 * Prometheus's own checker of rules: the one on the path, or the one built here earlier. Under `npm run test:long` it
 * is built where Go is present, once for each account. Null where there is none.
 */
export const findPromtool = async (): Promise<string | null> => {
  if (await answers('promtool', '--version')) return 'promtool'
  for (const directory of cacheDirectories()) {
    const kept = join(directory, `promtool-${VERSION}`, 'promtool')
    if (await answers(kept, '--version')) return kept
  }
  const mayBuild = volume({ full: true, sample: false })
  return mayBuild && (await answers('go', 'version')) ? build() : null
}

const answers = (program: string, question: string): Promise<boolean> =>
  run(program, [question]).then(
    () => true,
    () => false,
  )

async function build(): Promise<string> {
  const [directory = ''] = cacheDirectories()
  const place = join(directory, `promtool-${VERSION}`)
  await run('go', ['install', `github.com/prometheus/prometheus/cmd/promtool@${VERSION}`], {
    env: { ...process.env, GOBIN: place },
    timeout: BUILD_TIMEOUT_MS,
  })
  return join(place, 'promtool')
}
