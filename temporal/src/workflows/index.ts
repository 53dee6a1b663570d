export type * from './activity-types.ts'
export { leaseExpiry, wake } from './lease-expiry.ts'
export { leaseRevocation } from './lease-revocation.ts'
export { scheduled } from './scheduled.ts'
