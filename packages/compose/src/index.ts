export * from './foundation.ts'
export * from './process.ts'
export * from './seeding.ts'
export { touchNode, forgetNodes } from './system/system.queries.ts'
