import { operationNames, operations, type Output } from '@gatehouse/contract'
import { createPace } from './access/pace.ts'
import { byOneSet, deciderOn } from './decider.ts'
import { permissionsOf } from './matrix.ts'
import type { PolicyEngine } from './policy-engine.ts'
import type { PreparedSet } from './prepared-set.ts'

type Matrix = Output<'policy.matrix'>

/** A row takes some thirty decisions, of up to a millisecond each: others are let in between any two rows. */
const rowsPerTurn = 1

/**
 * The handler of `policy.matrix`: who may do what, by asking the policies in force about a sample of each kind of
 * thing. What one set decides of it never changes, so it is worked out once for each set.
 */
export function tellMatrix(engine: Pick<PolicyEngine, 'inForce'>): () => Promise<Matrix> {
  let known: { readonly version: string; readonly matrix: Promise<Matrix> } | null = null
  return () => {
    const { version } = engine.inForce().set
    if (known?.version === version) return known.matrix
    const matrix = byOneSet(engine.inForce, matrixOf)
    known = { version, matrix }
    matrix.catch(() => (known = null))
    return matrix
  }
}

async function matrixOf(prepared: PreparedSet): Promise<Matrix> {
  const decider = deciderOn(prepared)
  const { step } = createPace(rowsPerTurn)
  const rows: Matrix['rows'][number][] = []
  for (const operation of operationNames) {
    await step()
    const permissions = [...permissionsOf(decider, operation)]
    rows.push({ operation, floor: operations[operation].assurance, permissions })
  }
  return { policyVersion: prepared.set.version, rows }
}
