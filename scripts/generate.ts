import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GeneratedFile } from './generate/generated-file.ts'
import { clientFiles } from './generate/client-files.ts'
import { graphqlFile } from './generate/graphql-file.ts'
import { iconsFile } from './generate/icons.ts'
import { operationsDocument } from './generate/operations-document.ts'
import { permissionsOf } from '@gatehouse/policy/offline'
import { actionsSchemaFile, policyMatrixFile, shippedPolicies } from './generate/policy-files.ts'
import { auditActionsDocument, failureModesDocument } from './generate/record-documents.ts'
import { referenceFiles } from './generate/reference/reference-files.ts'
import { webDocuments } from './generate/web-documents.ts'

// Writes every generated file, or with --check says which are not what they would be: node scripts/generate.ts
// [--check]
const root = join(import.meta.dirname, '..')
const check = process.argv.includes('--check')
const differing = [...(await settle(fromContract())), ...(await settle(await fromPolicies()))]

if (differing.length === 0) {
  console.log('generated files are what the contract and the policies say')
} else if (check) {
  console.error(
    `these generated files are not what the contract and the policies say; run \`npm run generate\`:\n` +
      `${differing.map((path) => `  ${path}`).join('\n')}`,
  )
  process.exitCode = 1
} else {
  console.log(`written:\n${differing.map((path) => `  ${path}`).join('\n')}`)
}

/** Everything that needs nothing but the contract. */
function fromContract(): GeneratedFile[] {
  return [
    actionsSchemaFile(),
    operationsDocument(),
    failureModesDocument(),
    auditActionsDocument(),
    graphqlFile(),
    ...clientFiles(),
    ...webDocuments(),
    iconsFile(),
  ]
}

/** What says who may: it needs the schema of actions to be today's. */
async function fromPolicies(): Promise<GeneratedFile[]> {
  const decider = await shippedPolicies(root)
  return [policyMatrixFile(decider), ...referenceFiles((name) => permissionsOf(decider, name))]
}

/** Writes what differs, unless it is only asked. Answers the paths. */
async function settle(files: readonly GeneratedFile[]): Promise<string[]> {
  const found = await Promise.all(files.map(async (file) => ({ file, same: (await textOf(file.path)) === file.text })))
  const wrong = found.filter(({ same }) => !same).map(({ file }) => file)
  if (!check) await Promise.all(wrong.map(write))
  return wrong.map(({ path }) => path)
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(join(root, path), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** Whole or not at all: a gateway may be following the policy directory. */
async function write({ path, text }: GeneratedFile): Promise<void> {
  const target = join(root, path)
  await mkdir(dirname(target), { recursive: true })
  await writeFile(`${target}.new`, text)
  await rename(`${target}.new`, target)
}
