import { join } from 'node:path'
import type { Decider } from '@gatehouse/enforcement'
import { actionsSchema, loadPolicies, policyMatrix } from '@gatehouse/policy/offline'
import type { GeneratedFile } from './generated-file.ts'

/** The actions that policies may name, from the contract. */
export const actionsSchemaFile = (): GeneratedFile => ({
  path: 'policies/schema/actions.cedarschema',
  text: actionsSchema(),
})

/** What decides by the policies of the working tree. */
export const shippedPolicies = async (root: string): Promise<Decider> =>
  (await loadPolicies(join(root, 'policies'))).decider

/** Who may do what, by asking the policies. */
export const policyMatrixFile = (decider: Decider): GeneratedFile => ({
  path: 'policies/matrix.md',
  text: policyMatrix(decider),
})
