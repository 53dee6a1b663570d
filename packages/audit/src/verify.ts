export * from './verify/checkpoint.ts'
export * from './verify/compact-range.ts'
export * from './verify/hash.ts'
export * from './verify/proof.ts'
