import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { packCli } from './pack/pack-cli.ts'
import { packClient } from './pack/pack-client.ts'

// Packs what can be used without the repository: npm run pack [-- DIRECTORY], `dist` where none is named.
const root = join(import.meta.dirname, '..')
const [directory = join(root, 'dist')] = process.argv.slice(2)

await mkdir(directory, { recursive: true })
for (const pack of [packCli, packClient]) console.log(await pack(root, directory))
