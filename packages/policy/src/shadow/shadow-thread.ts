import { parentPort, workerData } from 'node:worker_threads'
import { PolicyError } from '../policy-problem.ts'
import { compilePolicySet } from '../policy-set.ts'
import type { PolicySource } from '../policy-source.ts'
import { createSlots, preparePolicySet, type PreparedSet } from '../prepared-set.ts'
import { decideByCandidate } from '../rerun-decision.ts'
import type { ShadowAnswer, ShadowAsk } from './shadow-decider.ts'

// The thread in which a shadow set decides: whatever the set does there, no call waits for it. Started by
// shadow-decider.ts only.
const prepared = prepare((workerData as { readonly source: PolicySource }).source) // our own, see shadow-decider.ts

parentPort?.on('message', ({ requests }: ShadowAsk) => {
  if (prepared !== null) tell({ verdicts: requests.map((request) => decideByCandidate(prepared, request)) })
})

function prepare(source: PolicySource): PreparedSet | null {
  try {
    const set = preparePolicySet({ set: compilePolicySet(source), slots: createSlots() })
    tell({ ready: true })
    return set
  } catch (error) {
    tell({ problem: error instanceof PolicyError ? error.message : 'the engine does not take it' })
    return null
  }
}

function tell(answer: ShadowAnswer): void {
  parentPort?.postMessage(answer)
}
