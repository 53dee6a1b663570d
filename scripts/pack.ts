import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { packCli } from './pack/pack-cli.ts'
import { packClient } from './pack/pack-client.ts'

// Packs what can be used without the repository.
const root = join(import.meta.dirname, '..')
const usage =
  'usage: npm run pack [-- DIRECTORY]   writes the command line and the typed client there; without one: dist'
const [directory = join(root, 'dist'), ...more] = process.argv.slice(2)

if (directory === '--help' || directory === '-h') console.log(usage)
else if (directory === '' || directory.startsWith('-') || more.length > 0) {
  console.error(usage)
  process.exitCode = 2
} else {
  await mkdir(directory, { recursive: true })
  for (const pack of [packCli, packClient]) console.log(await pack(root, directory))
}
