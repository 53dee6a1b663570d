import { execFile } from 'node:child_process'
import { copyFile, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { bundle } from './bundle.ts'
import { npmPack, readManifest, stagingDirectory, writeManifest } from './npm-package.ts'

/** Packs the typed client: one file of JavaScript, and its types; answers the path of the package. */
export const packClient = async (root: string, directory: string): Promise<string> => {
  const home = join(root, 'packages', 'client')
  const { name, version, license } = await readManifest(home)
  const stage = await stagingDirectory(directory, 'client')
  await writeTypes(root, home, stage)
  const { code, notices } = await bundle(join(home, 'src', 'index.ts'), { external: [] })
  await writeFile(join(stage, 'index.js'), code)
  await writeFile(join(stage, 'THIRD-PARTY.txt'), notices)
  await copyFile(join(home, 'README.md'), join(stage, 'README.md'))
  await copyFile(join(root, 'LICENSE'), join(stage, 'LICENSE'))
  await writeManifest(stage, {
    name,
    version,
    license,
    description: 'Calls operations of a Gatehouse from TypeScript, typed by its contract',
    type: 'module',
    engines: { node: '>=20' },
    types: './index.d.ts',
    exports: { '.': { types: './index.d.ts', default: './index.js' } },
    files: ['*.js', '*.d.ts', 'generated/*.d.ts', 'THIRD-PARTY.txt'],
  })
  return npmPack(stage, directory)
}

const writeTypes = async (root: string, home: string, stage: string): Promise<void> => {
  const tsc = join(root, 'node_modules', '.bin', 'tsc')
  const project = join(stage, 'tsconfig.json')
  await writeFile(
    project,
    JSON.stringify({
      extends: join(root, 'tsconfig.base.json'),
      compilerOptions: {
        noEmit: false,
        declaration: true,
        emitDeclarationOnly: true,
        outDir: stage,
        rootDir: join(home, 'src'),
        typeRoots: [join(root, 'node_modules', '@types')],
      },
      files: [join(home, 'src', 'index.ts')],
    }),
  )
  await promisify(execFile)(process.execPath, [tsc, '-p', project])
  await rm(project)
  const files = await readdir(stage, { recursive: true })
  await Promise.all(files.filter((file) => file.endsWith('.d.ts')).map((file) => nameJavaScript(join(stage, file))))
}

/** Declarations name their neighbours as the program finds them: by `.js`. */
const nameJavaScript = async (path: string): Promise<void> => {
  const text = await readFile(path, 'utf8')
  await writeFile(path, text.replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'"))
}
