export {
  approvingRoles,
  peopleMax,
  peopleMin,
  problemOfRule,
  shippedRule,
  type ApprovalRule,
  type Part,
  type People,
} from './approval-rule.ts'
export { countVotes, denyingTeamsMax, whyCannotVote, type Count, type Quorum, type Vote } from './quorum.ts'
export { giftDays, type Gift, type Person } from './why-no-voter.ts'
export * from './transitions.ts'
export { breakGlassDomain, breakGlassHandlers, type BreakGlassNeeds, type BreakGlassPorts } from './domain.ts'
export type { BreakGlassDeps, Reach } from './deps.ts'
export { emergencySteps } from './incident-steps.ts'
export { findLockable } from './request.queries.ts'
export { removeOver } from './remove-over.queries.ts'
export { readCount } from './too-few.ts'
export { createEmergencies } from './emergencies.ts'
export { loadBreakGlassRequestSlice, loadEmergencySessionSlice } from './slices.ts'
export { systemSteady, type Clocks, type Steady } from './steady.ts'
