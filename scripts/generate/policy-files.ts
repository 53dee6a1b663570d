import { join } from 'node:path'
import { actionsSchema, loadPolicies, policyMatrix } from '@gatehouse/policy/offline'
import type { GeneratedFile } from './generated-file.ts'

/** The actions that policies may name, from the contract. */
export const actionsSchemaFile = (): GeneratedFile => ({
  path: 'policies/schema/actions.cedarschema',
  text: actionsSchema(),
})

/** Who may do what, by asking the policies of the working tree. Needs the schema of actions to be today's. */
export async function policyMatrixFile(root: string): Promise<GeneratedFile> {
  const { decider } = await loadPolicies(join(root, 'policies'))
  return { path: 'policies/matrix.md', text: policyMatrix(decider) }
}
