import { chmod, copyFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundle } from './bundle.ts'
import { npmPack, readManifest, stagingDirectory, writeManifest } from './npm-package.ts'

/** A command line that takes longer to fetch than to use is none. The clients of AWS are a third of it. */
const BUNDLE_BYTES_MAX = 4 * 1024 * 1024

/** Packs the command line as one file that needs nothing else; answers the path of the package. */
export const packCli = async (root: string, directory: string): Promise<string> => {
  const manifest = await readManifest(join(root, 'packages', 'cli'))
  const stage = await stagingDirectory(directory, 'cli')
  const { code, notices } = await bundle(join(root, 'packages', 'cli', 'src', 'packed.ts'), {
    external: Object.keys(manifest.optionalDependencies ?? {}),
  })
  const program = join(stage, 'gatehouse.js')
  await writeFile(program, `#!/usr/bin/env node\n${code}`)
  await chmod(program, 0o755)
  await requireSize(program)
  await writeFile(join(stage, 'THIRD-PARTY.txt'), notices)
  await writeFile(join(stage, 'README.md'), readme)
  await copyFile(join(root, 'LICENSE'), join(stage, 'LICENSE'))
  await writeManifest(stage, {
    ...publicPart(manifest),
    description: 'The command line of Gatehouse, a self-hosted security control plane',
    bin: { gatehouse: 'gatehouse.js' },
    files: ['gatehouse.js', 'THIRD-PARTY.txt'],
    optionalDependencies: manifest.optionalDependencies,
  })
  return npmPack(stage, directory)
}

const publicPart = ({ name, version, license }: { name: string; version: string; license: string }) => ({
  name,
  version,
  license,
  type: 'module',
  engines: { node: '>=20' },
})

const requireSize = async (path: string): Promise<void> => {
  const { size } = await stat(path)
  if (size > BUNDLE_BYTES_MAX) throw new Error(`the command line has ${size} bytes; ${BUNDLE_BYTES_MAX} are the most`)
}

const readme = `# gatehouse

The command line of Gatehouse. It talks to a server that runs elsewhere:

    gatehouse context add prod https://gatehouse.example.org
    gatehouse auth login
    gatehouse --help

It needs Node 20 or newer, and OpenSSH's client for \`ssh connect\`. Tokens go to the keyring of the system where one
answers, and else to a file that only you can read. \`admin\`, \`server-config\` and \`decision verify\` need a
checkout of Gatehouse.
`
