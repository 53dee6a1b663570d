export { createClient, type CallOptions, type ClientOptions, type GatehouseClient } from './client.ts'
export { createProofKey, type ProofKey } from './dpop-proof.ts'
export { GatehouseRefusal, isRefusal, type FieldProblem, type RefusalDetails } from './refusal.ts'
export type {
  Input,
  Item,
  ListName,
  OperationName,
  Operations,
  Output,
  RefusalCode,
  StreamName,
} from './generated/operations.ts'
export type * as Types from './generated/types.ts'
