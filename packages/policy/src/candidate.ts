import { invalidField } from '@gatehouse/contract'
import { ownActions } from './own-actions.ts'
import { createPolicyChecker } from './policy-checker.ts'
import type { PolicyEngine } from './policy-engine.ts'
import { PolicyError } from './policy-problem.ts'
import type { PolicySet } from './policy-set.ts'
import { sourceOf, type SourceFile } from './policy-source.ts'

/** The set that given files make; without a schema among them, under the one in force. */
export async function candidateOf(
  engine: Pick<PolicyEngine, 'files'>,
  files: readonly { readonly path: string; readonly text: string }[],
): Promise<PolicySet> {
  const given = files.map(({ path, text }): SourceFile => ({ file: path, text }))
  const schemas = given.some(({ file }) => isSchema(file)) ? [] : engine.files().filter(({ file }) => isSchema(file))
  const checker = createPolicyChecker()
  try {
    return await checker.check({ source: sourceOf([...schemas, ...given], 'files'), actions: ownActions })
  } catch (error) {
    if (error instanceof PolicyError) throw invalidField('files', `policies that are valid: ${error.message}`)
    throw error
  } finally {
    await checker.close()
  }
}

const isSchema = (file: string): boolean => file.endsWith('.cedarschema')
